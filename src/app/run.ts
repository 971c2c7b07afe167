import { join } from 'node:path';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { loadOrCreateDevelopmentKey } from '#platform/config/development-key.ts';
import { loadConfig } from '#platform/config/load.ts';
import { startEmbeddedPostgres } from '#platform/db/embedded/index.ts';
import { installLastResort } from '#platform/observability/last-resort.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { drainOnSignals } from '#transport/http/drain.ts';
import { printWelcome } from './welcome.ts';
import { startNode } from './compose.ts';

interface OwnDatabase {
  readonly url: Secret<string>;
  stop(): Promise<void>;
}

/** Starts one node as the environment says and lets it run until a signal ends it. Throws StartupError. */
export async function run(): Promise<void> {
  const config = loadConfig();
  const logger = createLogger(config.log);
  const progress = (line: string) => console.info(`  ${line}`);
  installLastResort(logger);

  const embedded = config.database.url ? undefined : await startOwnDatabase(config, logger, progress);
  const databaseUrl = config.database.url ?? embedded?.url;
  if (!databaseUrl) throw new Error('there is no database');
  try {
    const node = await startNode({
      config,
      databaseUrl,
      masterKey: config.masterKey ?? loadOrCreateDevelopmentKey(config.dataDir),
      logger,
      progress,
    });
    drainOnSignals(
      async (reason) => {
        const code = await node.drain(reason);
        await embedded?.stop();
        return code;
      },
      (code) => process.exit(code),
    );
    if (config.profile !== 'production') await printWelcome({ config, node, embedded: embedded !== undefined });
    else logger.info('listening', { url: node.url });
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function startOwnDatabase(config: Config, logger: Logger, progress: (line: string) => void): Promise<OwnDatabase> {
  progress('starting PostgreSQL …');
  return startEmbeddedPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    log: (line) => logger.debug(line),
    onExit: (reason) => {
      logger.error('the embedded PostgreSQL ended; start again', { reason });
      process.exit(1);
    },
  });
}
