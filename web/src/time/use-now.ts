import { useSyncExternalStore } from 'react';

const tickMs = 10_000;
let now = Date.now();

/** The time in milliseconds, fresh to ten seconds: what "3 minutes ago" is counted from. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

function subscribe(onChange: () => void): () => void {
  const tick = () => {
    now = Date.now();
    onChange();
  };
  tick();
  const timer = setInterval(tick, tickMs);
  return () => clearInterval(timer);
}
