import { systemClock } from '#kernel/clock.ts';
import { loadConfig } from '#platform/config/load.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { firstAdminLink } from './compose.ts';
import { openServerBeside } from './database-server.ts';
import { masterKeyOf } from './master-key.ts';
import { openProduct } from './open-product.ts';

type Product = Awaited<ReturnType<typeof openProduct>>;

/** What an operator does at a terminal beside a running deployment. Each opens the product without its doors. */
const commands: Readonly<Record<string, (product: Product, publicUrl: URL) => Promise<string>>> = {
  // Opening the product migrates and founds the first organisation; there is nothing else to seed yet.
  seed: async () => 'The database is up to date and has its first organisation with the built-in roles.',
  'admin-link': async ({ capabilities }, publicUrl) =>
    (await firstAdminLink(capabilities, publicUrl)) ?? 'There is an administrator already, so there is no such link any more.',
};

async function main(name: string): Promise<void> {
  const command = commands[name];
  if (!command) throw new StartupError(`there is no command "${name}".`, `Known: ${Object.keys(commands).join(', ')}.`);
  const config = loadConfig();
  const logger = createLogger({ ...config.log, level: config.log.level === 'debug' ? 'debug' : 'warn' });
  const progress = (line: string) => console.info(`  ${line}`);
  const masterKey = masterKeyOf(config);
  const server = await openServerBeside(config, logger, progress);
  const opened: (() => Promise<unknown>)[] = [() => server.stop()];
  try {
    const product = await openProduct({
      monotonicMs: () => performance.now(),
      config,
      databaseUrl: server.url,
      masterKey,
      logger,
      clock: systemClock,
      progress,
      opened,
    });
    process.stdout.write(`${await command(product, config.http.publicUrl)}\n`);
  } finally {
    for (const close of opened.reverse()) await close().catch(() => undefined);
  }
}

if (import.meta.main) {
  try {
    await main(process.argv[2] ?? '');
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    console.error(`sallyport: ${error.text}`);
    process.exitCode = 1;
  }
  // The migrate engine leaves a timer of ten seconds behind: whoever sits at the terminal need not wait for it.
  process.exit();
}
