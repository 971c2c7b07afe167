import { join } from 'node:path';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { attachEmbeddedPostgres, startEmbeddedPostgres } from '#platform/db/embedded/index.ts';
import type { Logger } from '#platform/observability/logger.ts';

export interface RunningDatabase {
  readonly url: Secret<string>;
  /** Where the data of our own is; undefined for a server that somebody else runs. */
  readonly folder: string | undefined;
  stop(): Promise<void>;
}

/** The database that DATABASE_URL names, or else the embedded PostgreSQL, started. Throws StartupError. */
export async function openServer(config: Config, logger: Logger, progress: (line: string) => void): Promise<RunningDatabase> {
  if (config.database.url) return { url: config.database.url, folder: undefined, stop: async () => {} };
  progress('starting PostgreSQL …');
  const { url, folder, stop } = await startEmbeddedPostgres({
    dataDir: join(config.dataDir, 'postgres'),
    log: (line) => logger.debug(line),
    onExit: (reason) => {
      logger.error('the embedded PostgreSQL ended; start again', { reason });
      process.exit(1);
    },
  });
  return { url, folder, stop };
}

/** The same for a command beside a server that may run: an embedded PostgreSQL that runs already is used, and left running. */
export async function openServerBeside(
  config: Config,
  logger: Logger,
  progress: (line: string) => void,
): Promise<RunningDatabase> {
  const running = config.database.url ? null : await attachEmbeddedPostgres(join(config.dataDir, 'postgres'));
  return running ? { ...running, stop: async () => {} } : openServer(config, logger, progress);
}
