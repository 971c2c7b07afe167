import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Secret } from '#kernel/secret.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import type { Logger } from '#platform/observability/logger.ts';

export interface PoolSettings {
  readonly url: Secret<string>;
  readonly max: number;
  /** How long a request waits for a connection, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** How long PostgreSQL may work on one statement, in milliseconds. */
  readonly statementTimeoutMs: number;
}

/** The connection settings that every pool and every single client of the product shares. */
export function connectionConfig(settings: PoolSettings): pg.ClientConfig {
  return {
    connectionString: settings.url.reveal(),
    application_name: 'sallyport',
    connectionTimeoutMillis: settings.connectTimeoutMs,
    statement_timeout: settings.statementTimeoutMs,
    // A node that died inside a transaction must not hold its locks for longer than a statement may take.
    idle_in_transaction_session_timeout: settings.statementTimeoutMs,
    // The client's own limit is the later one: it is for a server that answers nothing any more.
    query_timeout: settings.statementTimeoutMs + 1_000,
    keepAlive: true,
    // A statement need not wait for the answer of the one before it: see kernel/together.ts.
    pipeline: true,
  };
}

/** Makes a pool. An idle connection that breaks is logged and replaced by the next one that is asked for. */
export function createPool(settings: PoolSettings, logger: Logger): pg.Pool {
  const pool = new pg.Pool({ ...connectionConfig(settings), max: settings.max, idleTimeoutMillis: 30_000 });
  // Once the pool is told to end, connections that break are what was wanted.
  const lost = (error: Error) => (pool.ending ? undefined : logger.warn('database connection lost', { error }));
  pool.on('error', lost);
  // Without a listener of its own a connection that breaks while it is in use would end the process; whoever uses it gets
  // the error from its query.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

const firstPauseMs = 100;
const longestPauseMs = 3_000;
const quietMs = 10_000;

export interface WaitOptions {
  readonly url: Secret<string>;
  readonly retrySeconds: number;
  readonly logger: Logger;
  /** Whether the operator could do without a server of their own, by the embedded PostgreSQL. */
  readonly embeddedInstead: boolean;
}

/**
 * Waits until PostgreSQL answers, with exponential backoff and full jitter, for `retrySeconds` at most; says so at first and
 * then every ten seconds. Throws a StartupError that names the host, never the password.
 */
export async function waitForDatabase(pool: pg.Pool, options: WaitOptions): Promise<void> {
  const attempts = attemptsWithin(options.retrySeconds);
  let saidAt: number | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await pool.query('select 1');
      return;
    } catch (error) {
      if (isPermanent(error) || attempt >= attempts) throw unreachable(options, error);
      if (saidAt === undefined || performance.now() - saidAt >= quietMs) {
        saidAt = performance.now();
        options.logger.warn('PostgreSQL does not answer yet, trying again', { attempt, reason: reasonOf(error) });
      }
      await pause(Math.random() * pauseBefore(attempt) + firstPauseMs);
    }
  }
}

function pauseBefore(attempt: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
}

/** Counted in attempts of average length rather than by the clock: the bound needs no precision. */
function attemptsWithin(seconds: number): number {
  let attempts = 1;
  for (let spent = 0; spent < seconds * 1000; attempts += 1) spent += pauseBefore(attempts) / 2 + firstPauseMs;
  return attempts;
}

// Wrong password, no such role, no such database: waiting mends none of them.
const permanentCodes = new Set(['28P01', '28000', '3D000', '42501']);

function isPermanent(error: unknown): boolean {
  return permanentCodes.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function unreachable({ url, embeddedInstead }: WaitOptions, error: unknown): StartupError {
  const { host, pathname } = new URL(url.reveal());
  return new StartupError(
    `cannot use PostgreSQL at ${host}${pathname}: ${reasonOf(error)}.`,
    `Check DATABASE_URL and that the server runs${embeddedInstead ? ', or unset it to use the embedded PostgreSQL' : ''}.`,
    { cause: error },
  );
}
