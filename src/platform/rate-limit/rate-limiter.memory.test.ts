import { describe, expect, it } from 'vitest';
import { describeRateLimiter } from './rate-limiter.contract.ts';
import { memoryRateLimiter } from './rate-limiter.memory.ts';

describeRateLimiter('this process', async (clock) => ({ limiter: memoryRateLimiter({ clock }), close: async () => {} }));

describe('memoryRateLimiter', () => {
  it('remembers no more keys than it may, and forgets the one used longest ago', () => {
    let nowMs = 1_800_000_000_000;
    const limiter = memoryRateLimiter({ clock: { now: () => new Date(nowMs) }, maxKeys: 2 });
    const use = (key: string) => {
      // A segment later each time.
      nowMs += 6_000;
      return limiter.reserveNow({ tag: key, limits: [{ key, limit: 1, windowSeconds: 60 }] }, 1).admitted;
    };
    expect([use('a'), use('b'), use('a'), use('c')]).toEqual([true, true, false, true]);
    expect(use('a')).toBe(false);
    expect(use('b')).toBe(true);
  });
});
