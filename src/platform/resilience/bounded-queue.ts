import { availableParallelism } from 'node:os';
import { OverloadedError } from '#kernel/errors.ts';

export interface BoundedQueueOptions {
  /** Jobs that run at once. Without it: the number of processors. */
  readonly concurrency?: number | undefined;
  /** Jobs that may wait for their turn; the next one is refused. */
  readonly maxWaiting: number;
  /** A fixed answer for refused callers, in seconds. Without it: an estimate from the queue and the recent job times. */
  readonly retryAfterSeconds?: number | undefined;
  /** Milliseconds on a clock that never steps back. Replaced in tests. */
  readonly monotonicNow?: (() => number) | undefined;
}

export interface BoundedQueueStats {
  readonly running: number;
  readonly waiting: number;
  readonly completed: number;
  readonly rejected: number;
  /** Moving average of the time one job took, in milliseconds; 0 before the first one ended. */
  readonly averageMs: number;
}

export interface BoundedQueue {
  /**
   * Runs `job` when its turn comes, first come first served, and settles as the job does.
   * Rejects with OverloadedError, without running the job, when the queue is full.
   */
  run<T>(job: () => T | Promise<T>): Promise<T>;
  stats(): BoundedQueueStats;
}

// One job in eight moves the average by a noticeable step: it follows a change of load within seconds, not within one job.
const smoothing = 1 / 8;

/**
 * Bounds expensive work in both directions: so many jobs at once, so many in wait. Past that a caller is refused at once
 * with a time to come back, instead of piling up memory and answering everybody late.
 */
export function createBoundedQueue(options: BoundedQueueOptions): BoundedQueue {
  const concurrency = positiveInteger('concurrency', options.concurrency ?? availableParallelism());
  const maxWaiting = nonNegativeInteger('maxWaiting', options.maxWaiting);
  const now = options.monotonicNow ?? (() => performance.now());
  // A Set keeps insertion order and drops its first element in constant time, which an array's shift() does not.
  const waiting = new Set<() => void>();
  let running = 0;
  let completed = 0;
  let rejected = 0;
  let averageMs = 0;

  const retryAfterSeconds = (): number => {
    if (options.retryAfterSeconds !== undefined) return options.retryAfterSeconds;
    const untilFree = ((waiting.size + 1) * averageMs) / concurrency;
    return Math.max(1, Math.ceil(untilFree / 1000));
  };

  const finish = (startedAt: number): void => {
    const tookMs = Math.max(0, now() - startedAt);
    averageMs = completed === 0 ? tookMs : averageMs + smoothing * (tookMs - averageMs);
    completed += 1;
    running -= 1;
    const [next] = waiting;
    if (next === undefined) return;
    waiting.delete(next);
    next();
  };

  const start = async <T>(job: () => T | Promise<T>): Promise<T> => {
    running += 1;
    const startedAt = now();
    try {
      return await job();
    } finally {
      finish(startedAt);
    }
  };

  return {
    run<T>(job: () => T | Promise<T>): Promise<T> {
      if (running < concurrency) return start(job);
      if (waiting.size >= maxWaiting) {
        rejected += 1;
        return Promise.reject(new OverloadedError(retryAfterSeconds()));
      }
      return new Promise<T>((resolve) => {
        waiting.add(() => resolve(start(job)));
      });
    },
    stats: () => ({ running, waiting: waiting.size, completed, rejected, averageMs }),
  };
}

function positiveInteger(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} of a bounded queue must be a positive integer`);
  return value;
}

function nonNegativeInteger(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} of a bounded queue must be an integer from 0 up`);
  return value;
}
