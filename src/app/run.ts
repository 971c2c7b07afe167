import { loadConfig } from '#platform/config/load.ts';
import { installLastResort } from '#platform/observability/last-resort.ts';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { drainOnSignals } from '#transport/http/drain.ts';
import { startNode } from './compose.ts';
import { openServer } from './database-server.ts';
import { withKnownPort } from './listen.ts';
import { masterKeyOf } from './master-key.ts';
import { printWelcome } from './welcome.ts';

/** Starts one node as the environment says and lets it run until a signal ends it. Throws StartupError. */
export async function run(): Promise<void> {
  const config = await withKnownPort(loadConfig());
  const logger = createLogger(config.log);
  const progress = (line: string) => console.info(`  ${line}`);
  installLastResort(logger);
  const masterKey = masterKeyOf(config);

  const server = await openServer(config, logger, progress);
  try {
    const node = await startNode({ config, databaseUrl: server.url, masterKey, logger, progress });
    drainOnSignals(
      async (reason) => {
        const code = await node.drain(reason);
        await server.stop();
        return code;
      },
      (code) => process.exit(code),
    );
    if (config.profile === 'production') logger.info('listening', { url: node.url });
    else await printWelcome({ config, node, dataFolder: server.folder });
  } catch (error) {
    await server.stop();
    throw error;
  }
}
