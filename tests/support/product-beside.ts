import { openProduct } from '#app/open-product.ts';
import { Secret } from '#kernel/secret.ts';
import { loadConfig } from '#platform/config/load.ts';
import type { TestApp } from './make-test-app.ts';
import { silent } from './silent-logger.ts';

/** The product without doors on the database of an app: for what no door of its own leads to, such as what jobs call. */
export async function openProductBeside(app: TestApp) {
  const config = loadConfig({
    NODE_ENV: 'test',
    PUBLIC_URL: app.url,
    DATABASE_URL: app.databaseUrl,
    MASTER_KEY: app.masterKey,
    DATA_DIR: app.dataDir,
    ARGON2_MEMORY_KIB: '64',
    ARGON2_ITERATIONS: '1',
  });
  if (!config.masterKey) throw new Error('the test gave no master key');
  const opened: (() => Promise<unknown>)[] = [];
  const { clock } = app;
  const databaseUrl = new Secret(app.databaseUrl);
  const { masterKey } = config;
  const product = await openProduct({
    config,
    databaseUrl,
    masterKey,
    logger: silent,
    clock,
    monotonicMs: clock.monotonicMs,
    progress: () => {},
    opened,
  });
  return {
    capabilities: product.capabilities,
    close: async () => {
      for (const close of opened.reverse()) await close();
    },
  };
}
