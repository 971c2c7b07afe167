import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '#kernel/clock.ts';
import type { HeldLimit, HeldLimits } from './limits.ports.ts';

export interface HeldLimitsUnderTest {
  readonly held: HeldLimits;
  close(): Promise<void>;
}

/** What each adapter of HeldLimits must do. Its store is empty at first and nobody else's. */
export function describeHeldLimits(name: string, open: (clock: Clock) => Promise<HeldLimitsUnderTest>): void {
  describe(`HeldLimits by ${name}`, () => {
    let nowMs = 1_800_000_000_000;
    const clock = { now: () => new Date(nowMs) };
    let tested: HeldLimitsUnderTest;
    beforeAll(async () => {
      tested = await open(clock);
    });
    afterAll(() => tested.close());

    const limit = (subject: string, seconds: number): HeldLimit => ({
      policy: 'login',
      dimension: 'account',
      subject,
      until: new Date(nowMs + seconds * 1000),
    });

    it('says once that a limit began to hold, until it ends', async () => {
      const { held } = tested;
      const answers = await Promise.all(Array.from({ length: 20 }, () => held.hold(limit('a', 60))));
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await held.hold(limit('b', 30))).toBe(true);
      expect((await held.list(10)).map(({ subject }) => subject)).toEqual(['a', 'b']);
      expect(await held.list(1)).toEqual([limit('a', 60)]);
      nowMs += 30_000;
      expect((await held.list(10)).map(({ subject }) => subject)).toEqual(['a']);
      expect(await held.hold(limit('b', 60))).toBe(true);
      expect(await held.hold(limit('a', 60))).toBe(false);
      nowMs += 60_000;
      expect(await held.list(10)).toEqual([]);
    });
  });
}
