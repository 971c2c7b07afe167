import { describe, expect, it } from 'vitest';
import { describeUsedOnce } from './used-once.contract.ts';
import { memoryUsedOnce } from './used-once.memory.ts';

describeUsedOnce('this process', async () => memoryUsedOnce({ now: () => new Date(0) }));

describe('memoryUsedOnce', () => {
  it('refuses when it is full, until something has run out', async () => {
    let nowMs = 0;
    const used = memoryUsedOnce({ now: () => new Date(nowMs) }, 2);
    expect([await used.claim('a', 10), await used.claim('b', 10), await used.claim('c', 10)]).toEqual([true, true, false]);
    nowMs = 10_000;
    expect([await used.claim('c', 10), await used.claim('a', 10)]).toEqual([true, true]);
  });
});
