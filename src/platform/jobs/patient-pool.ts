import type pg from 'pg';
import { asUnavailable } from '#platform/db/index.ts';
import { createRetry } from '#platform/resilience/retry.ts';

const retries = 30;
const firstPauseMs = 100;
const longestPauseMs = 2_000;

/**
 * The pool as the job worker sees it: to take a connection is tried again while PostgreSQL is away, for about a minute.
 * The worker would otherwise give up: a job whose end it can't write down stays locked for hours, and the worker ends.
 */
export function patientPool(pool: pg.Pool, isStopping: () => boolean): pg.Pool {
  const retry = createRetry({
    isTransient: (error) => !isStopping() && asUnavailable(error) !== undefined,
    retries,
    firstPauseMs,
    longestPauseMs,
  });
  return new Proxy(pool, {
    get: (target, property) => {
      // With a callback it is for the worker's ear for notifications, which has a patience of its own.
      if (property === 'connect') {
        const connect = target.connect.bind(target) as (callback?: unknown) => Promise<pg.PoolClient>;
        return (callback?: unknown) => (callback === undefined ? retry(() => connect()) : connect(callback));
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
