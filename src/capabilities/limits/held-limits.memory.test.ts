import { describe, expect, it } from 'vitest';
import { describeHeldLimits } from './held-limits.contract.ts';
import { memoryHeldLimits } from './held-limits.memory.ts';

describeHeldLimits('this process', async (clock) => ({ held: memoryHeldLimits(clock), close: async () => {} }));

describe('memoryHeldLimits', () => {
  it('holds no more than it may', async () => {
    const held = memoryHeldLimits({ now: () => new Date(0) }, 2);
    for (const subject of ['a', 'b', 'c'])
      await held.hold({ policy: 'login', dimension: 'address', subject, until: new Date(1_000) });
    expect((await held.list(10)).map(({ subject }) => subject)).toEqual(['b', 'c']);
  });
});
