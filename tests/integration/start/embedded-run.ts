import { startEmbeddedPostgres } from '#platform/db/embedded/index.ts';

/**
 * A program for the tests to start and to kill: runs the embedded PostgreSQL on the folder given, says on stdout in one line
 * of JSON how that went, and stops when its standard input ends.
 */
const say = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

// The program under test drains on Ctrl-C; this one lives on, so that a test sees what else got the signal.
process.on('SIGINT', () => say({ interrupted: true }));

try {
  const postgres = await startEmbeddedPostgres({
    dataDir: process.argv[2] ?? '',
    durable: false,
    log: () => undefined,
    onExit: (reason) => {
      say({ exited: reason });
      process.exit(3);
    },
    ...(process.argv[3] === undefined ? {} : { port: Number(process.argv[3]) }),
  });
  say({ url: postgres.url.reveal(), fresh: postgres.fresh, folder: postgres.folder, version: postgres.version });
  process.stdin.resume();
  process.stdin.once('end', () => {
    void postgres.stop().then(() => process.exit(0));
  });
} catch (error) {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  say({ refused: error instanceof Error ? error.message : String(error), remedy });
  process.exitCode = 1;
}
