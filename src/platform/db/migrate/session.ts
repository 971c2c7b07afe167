import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { StartupError } from '#platform/config/startup-error.ts';

/** Any number will do, as long as nothing else in this database locks it. */
const migrationLock = 7_255_920_771;
const pauseMs = 250;

/** How long a node waits for another one that migrates, in milliseconds. */
export const defaultLockWaitMs = 120_000;

/** One connection of its own, closed when `work` is done. Statements may take as long as a migration needs. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'sallyport-migrate', connectionTimeoutMillis: 10_000 });
  // A connection that breaks makes the query in hand fail; without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw new StartupError(`PostgreSQL cannot be reached: ${reasonOf(error)}.`, 'Check DATABASE_URL and that the server runs.', {
      cause: error,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Runs `work` while this connection holds the one lock under which migrations are applied and undone. The lock belongs to
 * the session, so it needs a direct connection (no transaction pooling) and vanishes with a node that dies.
 * Throws a StartupError when another node holds it for longer than `waitMs` milliseconds.
 */
export async function withMigrationLock<T>(client: pg.Client, waitMs: number, work: () => Promise<T>): Promise<T> {
  // Asked for again and again rather than waited for inside PostgreSQL: a waiting statement holds a snapshot, and
  // CREATE INDEX CONCURRENTLY in the other node's migration would wait for that snapshot, so neither would go on.
  for (let waitedMs = 0; !(await tryLock(client)); waitedMs += pauseMs) {
    if (waitedMs >= waitMs) {
      throw new StartupError(
        `Another node has been migrating the database for more than ${Math.round(waitMs / 1000)} seconds.`,
        'Wait until it is done, then start again.',
      );
    }
    await pause(pauseMs);
  }
  try {
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined);
  }
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [migrationLock]);
  return rows[0]?.locked === true;
}

export function reasonOf(error: unknown): string {
  // Node's error for several refused addresses has no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return (error instanceof Error ? error.message : String(error)).replace(/\.\s*$/, '');
}
