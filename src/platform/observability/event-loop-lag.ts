import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface EventLoopLag {
  /** How late timers were in the last full window, in milliseconds: the median. Cheap enough for every request. */
  readMs(): number;
  stop(): void;
}

const resolutionMs = 20;
const nanosecondsPerMs = 1e6;
const windowMs = 1_000;

/**
 * Watches how late the event loop is. A median over a second, because one long task (a garbage collection, a big answer)
 * does not make a node unfit for traffic, but one that is always late is.
 */
export function watchEventLoopLag(): EventLoopLag {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  let windowBegan = performance.now();
  let lagMs = 0;
  return {
    readMs() {
      const now = performance.now();
      // No sample in a whole window: the loop was blocked until just now, and the timer that says so is still to come.
      if (now - windowBegan < windowMs || delays.count === 0) return lagMs;
      // The histogram counts the whole distance between two timers; what exceeds the resolution is lag.
      lagMs = Math.max(0, delays.percentile(50) / nanosecondsPerMs - resolutionMs);
      delays.reset();
      windowBegan = now;
      return lagMs;
    },
    stop: () => {
      delays.disable();
    },
  };
}
