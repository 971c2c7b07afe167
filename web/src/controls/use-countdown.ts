import { useEffect, useState } from 'react';

/** Whole seconds left of `seconds`, counted from when `start` (any identity) last changed. */
export function useCountdown(seconds: number, start: unknown): number {
  const [left, setLeft] = useState(seconds);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `start` is what begins a new count of the same length.
  useEffect(() => {
    setLeft(seconds);
    if (seconds <= 0) return;
    const deadline = performance.now() + seconds * 1000;
    const timer = setInterval(() => {
      const remaining = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
      setLeft(remaining);
      if (remaining === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [seconds, start]);
  return left;
}
