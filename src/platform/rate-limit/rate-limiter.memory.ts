import type { Clock } from '#kernel/clock.ts';
import { type Limit, type LimitGroup, type RateLimiter, type Reservation, segmentMsOf } from './rate-limiter.ts';
import { add, emptyWindow, freedInMs, type SlidingWindow, slide, takeBack } from './sliding-window.ts';

export interface MemoryRateLimiter extends RateLimiter {
  /** `reserve` without a promise, for what runs on every request. */
  reserveNow(group: LimitGroup, cost: number): Reservation;
  refundNow(group: LimitGroup, cost: number): void;
}

export interface MemoryRateLimiterOptions {
  readonly clock: Clock;
  /** Keys that are remembered; the one idle for longest is forgotten first. One takes some 250 bytes. */
  readonly maxKeys?: number;
}

/** Counts in this process alone. */
export function memoryRateLimiter({ clock, maxKeys = 100_000 }: MemoryRateLimiterOptions): MemoryRateLimiter {
  // In the order of use, to a segment of time: moving a key to the end each time would cost more than counting.
  const windows = new Map<string, SlidingWindow>();

  function slidWindowOf(limit: Limit, nowMs: number): SlidingWindow {
    const { key } = limit;
    const known = windows.get(key);
    const window = known ?? emptyWindow();
    const before = window.newest;
    slide(window, nowMs, segmentMsOf(limit));
    if (known && window.newest === before) return window;
    if (known) windows.delete(key);
    windows.set(key, window);
    if (windows.size > maxKeys) windows.delete(windows.keys().next().value ?? key);
    return window;
  }

  function reserveNow({ limits }: LimitGroup, cost: number): Reservation {
    const nowMs = clock.now().getTime();
    let admitted = true;
    const found = limits.map((limit) => {
      const window = slidWindowOf(limit, nowMs);
      if (window.used + cost > limit.limit) admitted = false;
      return window;
    });
    if (admitted) {
      for (const window of found) add(window, cost);
      return { admitted, states: found.map(({ used }) => ({ used, retryAfterMs: 0 })) };
    }
    return {
      admitted,
      states: found.map((window, index) => {
        const limit = limits[index];
        const excess = limit ? window.used + cost - limit.limit : 0;
        return {
          used: window.used,
          retryAfterMs: limit && excess > 0 ? freedInMs(window, excess, nowMs, segmentMsOf(limit)) : 0,
        };
      }),
    };
  }

  function refundNow({ limits }: LimitGroup, cost: number): void {
    const nowMs = clock.now().getTime();
    for (const limit of limits) {
      const window = windows.get(limit.key);
      if (!window) continue;
      slide(window, nowMs, segmentMsOf(limit));
      takeBack(window, cost);
    }
  }

  return {
    reserveNow,
    refundNow,
    reserve: async (group, cost) => reserveNow(group, cost),
    refund: async (group, cost) => refundNow(group, cost),
  };
}
