import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface EventLoopLag {
  /** How late timers were in the current window, in milliseconds: the median. */
  readMs(): number;
  stop(): void;
}

const resolutionMs = 20;
const nanosecondsPerMs = 1e6;
const leastSamples = 50;

/**
 * Watches how late the event loop is. A median, because one long task (a garbage collection, a big answer) does not make a
 * node unfit for traffic, but one that is always late is. The window begins anew once it holds a second of samples.
 */
export function watchEventLoopLag(): EventLoopLag {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  delays.enable();
  return {
    readMs() {
      if (delays.count === 0) return 0;
      // The histogram counts the whole distance between two timers; what exceeds the resolution is lag.
      const lag = Math.max(0, delays.percentile(50) / nanosecondsPerMs - resolutionMs);
      if (delays.count >= leastSamples) delays.reset();
      return lag;
    },
    stop: () => {
      delays.disable();
    },
  };
}
