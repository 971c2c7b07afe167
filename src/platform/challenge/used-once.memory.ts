import type { Clock } from '#kernel/clock.ts';
import type { UsedOnce } from './challenge-provider.ts';

/**
 * Remembers in this process. When `maxIds` live ones are held, a further one can't be told from a used one and is refused,
 * so memory is bounded and nothing passes twice.
 */
export function memoryUsedOnce(clock: Clock, maxIds = 50_000): UsedOnce {
  const untilMs = new Map<string, number>();
  return {
    claim: async (id, lifetimeSeconds) => {
      const nowMs = clock.now().getTime();
      if ((untilMs.get(id) ?? 0) > nowMs) return false;
      // All lives are equally long, so the oldest end first.
      for (const [known, until] of untilMs) {
        if (until > nowMs) break;
        untilMs.delete(known);
      }
      if (untilMs.size >= maxIds) return false;
      untilMs.delete(id);
      untilMs.set(id, nowMs + lifetimeSeconds * 1000);
      return true;
    },
  };
}
