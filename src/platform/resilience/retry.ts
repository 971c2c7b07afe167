import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

export interface RetryOptions {
  /** Whether the same work may succeed a moment later. Only what is safe to run again may be retried at all. */
  readonly isTransient: (error: unknown) => boolean;
  /** How often the work is run again at most. */
  readonly retries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly onRetry?: (attempt: number, error: unknown) => void;
}

export type Retry = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Runs work again after a transient failure, a bounded number of times, after pauses that grow exponentially and are
 * jittered, so that those who failed by meeting each other do not meet again. Throws the last error.
 */
export function createRetry({ isTransient, retries, firstPauseMs, longestPauseMs, onRetry }: RetryOptions): Retry {
  const policy = retry(handleWhen(isTransient), {
    maxAttempts: retries,
    backoff: new ExponentialBackoff({ initialDelay: firstPauseMs, maxDelay: longestPauseMs }),
  });
  policy.onRetry((event) => onRetry?.(event.attempt, 'error' in event ? event.error : undefined));
  return (work) => policy.execute(work);
}
