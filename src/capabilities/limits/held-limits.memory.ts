import type { Clock } from '#kernel/clock.ts';
import type { HeldLimit, HeldLimits } from './limits.ports.ts';

const keyOf = ({ policy, dimension, subject }: HeldLimit): string => `${policy} ${dimension} ${subject}`;

/** Of this process alone. Past `maxLimits` the ones held longest ago are forgotten: they are told again. */
export function memoryHeldLimits(clock: Clock, maxLimits = 10_000): HeldLimits {
  const held = new Map<string, HeldLimit>();
  return {
    hold: async (limit) => {
      const key = keyOf(limit);
      const known = held.get(key);
      const isNew = known === undefined || known.until <= clock.now();
      held.delete(key);
      held.set(key, limit);
      if (held.size > maxLimits) held.delete(held.keys().next().value ?? key);
      return isNew;
    },
    list: async (most) => {
      const now = clock.now();
      for (const [key, { until }] of held) if (until <= now) held.delete(key);
      return [...held.values()].sort((a, b) => b.until.getTime() - a.until.getTime()).slice(0, most);
    },
  };
}
