import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from './reconnect-delay.ts';

describe('reconnectDelayMs', () => {
  it('doubles, up to twenty seconds', () => {
    const longest = (retries: number) => reconnectDelayMs(retries, () => 1);
    expect([0, 1, 2, 3].map(longest)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(longest(50)).toBe(20_000);
  });

  it('spreads the pages over half of the delay', () => {
    expect(reconnectDelayMs(2, () => 0)).toBe(1_000);
    expect(reconnectDelayMs(2, () => 0.5)).toBe(1_500);
  });
});
