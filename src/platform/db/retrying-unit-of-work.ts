import type { Logger } from '#platform/observability/logger.ts';
import { createRetry } from '#platform/resilience/retry.ts';
import type { UnitOfWork } from './database.ts';
import { isSerializationFailure } from './failures.ts';

const retries = 3;
const firstPauseMs = 15;
const longestPauseMs = 250;

/**
 * Runs a transaction again that PostgreSQL rolled back because of another one: a deadlock or a serialization failure. That
 * is safe for every unit of work, since all that one does, mails and jobs too, is in its transaction; it must keep nothing
 * outside of it. A lost connection is not retried: whether its commit arrived can't be known.
 */
export function retryingUnitOfWork(inner: UnitOfWork, logger: Logger): UnitOfWork {
  const retry = createRetry({
    isTransient: isSerializationFailure,
    retries,
    firstPauseMs,
    longestPauseMs,
    onRetry: (attempt, error) => logger.warn('a transaction met another one and is run again', { attempt, error }),
  });
  return {
    transaction: (work) => retry(() => inner.transaction(work)),
    hotTransaction: (work) => retry(() => inner.hotTransaction(work)),
  };
}
