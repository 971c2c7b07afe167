import type { Clock } from '#kernel/clock.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { inTime } from '#platform/resilience/deadline.ts';
import type { MemoryRateLimiter } from './rate-limiter.memory.ts';
import type { LimitGroup, RateLimiter, Reservation } from './rate-limiter.ts';

export interface ResilientRateLimiterOptions {
  /** Counts for all nodes together, and may be away. */
  readonly shared: RateLimiter;
  /** Of this node; nothing else counts on it. */
  readonly local: MemoryRateLimiter;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long an answer is waited for, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * What every limit is divided by while the shared counter is away. Each node then allows so much by itself, so up to four
 * nodes together allow no more than before; with more of them it is stricter for each caller still, who reaches one node.
 */
export const strictness = 4;
/** After a failure nobody waits for the shared counter again for so long. */
const pauseMs = 1_000;

/**
 * Counts on both sides. What this node has counted by itself is enough to refuse, without asking, also after the shared
 * counter lost its memory. While that is away or slow, the node goes on alone with stricter limits and with all that it has
 * counted before: it fails closed, never open. A call that came too late may have been counted there as well.
 */
export function resilientRateLimiter(options: ResilientRateLimiterOptions): RateLimiter {
  const { shared, local, clock, logger, timeoutMs } = options;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let reported = false;

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      const answer = await inTime(question(), timeoutMs);
      if (reported) logger.info('rate limits are counted together again');
      reported = false;
      return answer;
    } catch (error) {
      failedAtMs = clock.now().getTime();
      if (!reported) logger.warn('the shared rate limits are away; stricter limits of this node hold', { error });
      reported = true;
      throw error;
    }
  }

  // A clock that is set back must not make the pause longer.
  const isAway = (): boolean => Math.abs(clock.now().getTime() - failedAtMs) < pauseMs;
  const reserveAlone = (group: LimitGroup, cost: number): Reservation => local.reserveNow(stricter(group, cost), cost);

  return {
    reserve: async (group, cost) => {
      if (isAway()) return reserveAlone(group, cost);
      const own = local.reserveNow(group, cost);
      if (!own.admitted) return own;
      try {
        const together = await ask(() => shared.reserve(group, cost));
        if (!together.admitted) local.refundNow(group, cost);
        return together;
      } catch {
        local.refundNow(group, cost);
        return reserveAlone(group, cost);
      }
    },
    refund: async (group, cost) => {
      local.refundNow(group, cost);
      if (isAway()) return;
      // What can't be taken back stays counted: stricter than right, until its window has passed.
      await ask(() => shared.refund(group, cost)).catch(() => undefined);
    },
  };
}

/** At least one attempt stays possible, or nobody could sign in. */
function stricter({ tag, limits }: LimitGroup, cost: number): LimitGroup {
  return { tag, limits: limits.map((limit) => ({ ...limit, limit: Math.max(cost, Math.floor(limit.limit / strictness)) })) };
}
