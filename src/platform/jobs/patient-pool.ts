import type pg from 'pg';
import { asUnavailable, overriding } from '#platform/db/index.ts';
import { createRetry, type Retry } from '#platform/resilience/retry.ts';

const retries = 30;
const firstPauseMs = 100;
const longestPauseMs = 2_000;

// How graphile-worker writes down that a job is done, or has failed. Both may run twice with the same effect.
const endOfJob = /^(with j as \(\s*)?(delete from|update) \S+_private_jobs\b/;

/**
 * The pool as the job worker sees it: to take a connection, and to write down the end of a job, is tried again while
 * PostgreSQL is away, for about a minute. The worker would otherwise give up, and a job whose end it can't write down would
 * stay locked for hours.
 */
export function patientPool(pool: pg.Pool, isStopping: () => boolean): pg.Pool {
  const retry = createRetry({
    isTransient: (error) => !isStopping() && asUnavailable(error) !== undefined,
    retries,
    firstPauseMs,
    longestPauseMs,
  });
  return overriding(pool, {
    // With a callback it is for the worker's ear for notifications, which has a patience of its own.
    connect: (callback?: unknown) => {
      const connect = pool.connect.bind(pool) as (callback?: unknown) => Promise<pg.PoolClient>;
      return callback === undefined
        ? retry(() => connect()).then((client) => patientClient(client, pool, retry))
        : connect(callback);
    },
  });
}

/** Where the connection breaks at the end of a job, that statement runs again on another one. */
function patientClient(client: pg.PoolClient, pool: pg.Pool, retry: Retry): pg.PoolClient {
  return overriding(client, {
    query: (statement: pg.QueryConfig | string, values?: unknown[]) => {
      const first = client.query(statement as pg.QueryConfig, values);
      const text = typeof statement === 'string' ? statement : statement.text;
      if (!endOfJob.test(text)) return first;
      let attempt: Promise<pg.QueryResult> | undefined = first;
      return retry(() => {
        const current = attempt ?? pool.query(statement as pg.QueryConfig, values);
        attempt = undefined;
        return current;
      });
    },
  });
}
