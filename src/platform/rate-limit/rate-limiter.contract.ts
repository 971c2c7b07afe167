import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '#kernel/clock.ts';
import type { LimitGroup, RateLimiter } from './rate-limiter.ts';

export interface RateLimiterUnderTest {
  readonly limiter: RateLimiter;
  close(): Promise<void>;
}

interface MovedClock extends Clock {
  moveTo(ms: number): void;
}

/** On a boundary of every window of whole seconds used below. */
const start = 1_800_000_000_000;

function movedClock(): MovedClock {
  let nowMs = start;
  return {
    now: () => new Date(nowMs),
    moveTo: (ms) => {
      nowMs = start + ms;
    },
  };
}

/** What each adapter of RateLimiter must do. */
export function describeRateLimiter(name: string, open: (clock: Clock) => Promise<RateLimiterUnderTest>): void {
  describe(`RateLimiter by ${name}`, () => {
    const clock = movedClock();
    let tested: RateLimiterUnderTest;
    let limiter: RateLimiter;
    beforeAll(async () => {
      tested = await open(clock);
      limiter = tested.limiter;
    });
    afterAll(() => tested.close());
    beforeEach(() => clock.moveTo(0));

    const fresh = (...limits: readonly number[]): LimitGroup => {
      // A Redis may be shared with others who count there.
      const tag = crypto.randomUUID();
      return { tag, limits: limits.map((limit, index) => ({ key: `${tag}:${index}`, limit, windowSeconds: 10 })) };
    };
    const admitted = async (group: LimitGroup, cost = 1) => (await limiter.reserve(group, cost)).admitted;

    it('admits exactly the limit, and tells when the next fits', async () => {
      const group = fresh(3);
      expect(await limiter.reserve(group, 2)).toEqual({ admitted: true, states: [{ used: 2, retryAfterMs: 0 }] });
      expect(await limiter.reserve(group, 1)).toEqual({ admitted: true, states: [{ used: 3, retryAfterMs: 0 }] });
      const refused = await limiter.reserve(group, 1);
      expect(refused).toEqual({ admitted: false, states: [{ used: 3, retryAfterMs: 11_000 }] });
      clock.moveTo(10_999);
      expect(await admitted(group)).toBe(false);
      clock.moveTo(11_000);
      expect(await admitted(group)).toBe(true);
    });

    it('admits exactly the limit of a hundred at once', async () => {
      const group = fresh(7);
      const answers = await Promise.all(Array.from({ length: 100 }, () => admitted(group)));
      expect(answers.filter(Boolean)).toHaveLength(7);
    });

    it('never admits more than the limit in any window, and refuses only what would pass it in one a tenth longer', async () => {
      const group = fresh(20);
      const times: number[] = [];
      for (let ms = 0; ms < 60_000; ms += 170) {
        // In bursts, with silence between: the worst case of counters that guess how a window was filled.
        if (ms % 5_000 >= 2_000) continue;
        clock.moveTo(ms);
        if (await admitted(group)) times.push(ms);
        else expect(times.filter((at) => at > ms - 11_000)).toHaveLength(20);
      }
      for (const from of times) expect(times.filter((at) => at >= from && at < from + 10_000).length).toBeLessThanOrEqual(20);
      expect(times.length).toBeGreaterThan(80);
    });

    it('counts on all limits of a group or on none', async () => {
      const { tag, limits } = fresh(1, 5);
      const [narrow, wide] = limits;
      if (!narrow || !wide) throw new Error('two limits were made');
      const both: LimitGroup = { tag, limits: [narrow, wide] };
      expect(await admitted(both)).toBe(true);
      for (let attempt = 0; attempt < 10; attempt += 1) expect(await admitted(both)).toBe(false);
      // One was counted on the wide limit, not eleven: a neighbour is not slowed by what was refused.
      expect(await limiter.reserve({ tag, limits: [wide] }, 4)).toMatchObject({ admitted: true, states: [{ used: 5 }] });
    });

    it('tells of each limit whether it was the one that refused', async () => {
      const group = fresh(1, 5);
      await limiter.reserve(group, 1);
      const { states } = await limiter.reserve(group, 1);
      expect(states).toEqual([
        { used: 1, retryAfterMs: 11_000 },
        { used: 1, retryAfterMs: 0 },
      ]);
    });

    it('takes back what is refunded, and never more than was counted', async () => {
      const group = fresh(5);
      await limiter.reserve(group, 3);
      clock.moveTo(2_500);
      await limiter.reserve(group, 2);
      await limiter.refund(group, 4);
      expect(await limiter.reserve(group, 4)).toMatchObject({ admitted: true, states: [{ used: 5 }] });
      await limiter.refund(group, 100);
      expect(await limiter.reserve(group, 5)).toMatchObject({ admitted: true, states: [{ used: 5 }] });
    });

    it('frees nothing early when the clock is set back, and is not stuck when it was ahead', async () => {
      const group = fresh(2);
      clock.moveTo(3_600_000);
      await limiter.reserve(group, 2);
      clock.moveTo(0);
      expect(await admitted(group)).toBe(false);
      clock.moveTo(9_999);
      expect(await admitted(group)).toBe(false);
      // Two counters, of which one refuses without asking the other, see the new time one after the other.
      clock.moveTo(11_000);
      await limiter.reserve(group, 1);
      clock.moveTo(22_000);
      expect(await admitted(group)).toBe(true);
    });

    it('refuses for a whole window what costs more than the limit', async () => {
      const group = fresh(3);
      expect(await limiter.reserve(group, 4)).toEqual({ admitted: false, states: [{ used: 0, retryAfterMs: 11_000 }] });
    });
  });
}
