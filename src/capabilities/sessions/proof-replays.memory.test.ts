import { describe, expect, it } from 'vitest';
import { describeProofReplays } from './proof-replays.contract.ts';
import { memoryProofReplays } from './proof-replays.memory.ts';

function withClock(most?: number) {
  let now = 0;
  const replays = memoryProofReplays({ now: () => new Date(now) }, most);
  return {
    ...replays,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describeProofReplays('memory', () => {
  const one = withClock();
  return { here: one, there: one };
});

describe('the memory for used proofs', () => {
  it('keeps each for as long as it was told, to the very moment', async () => {
    const { isFirstUse, pass } = withClock();
    await isFirstUse('a', 1_000);
    pass(999);
    expect(await isFirstUse('a', 1_000)).toBe(false);
    pass(1);
    expect(await isFirstUse('a', 1_000)).toBe(true);
  });

  it('is bounded: full, it refuses new ones and forgets none, until old ones end', async () => {
    const { isFirstUse, pass } = withClock(2);
    await isFirstUse('a', 1_000);
    await isFirstUse('b', 1_000);
    await expect(isFirstUse('c', 1_000)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await isFirstUse('a', 1_000)).toBe(false);
    pass(1_000);
    expect(await isFirstUse('c', 1_000)).toBe(true);
  });

  it('forgets none early when the clock is moved back', async () => {
    const { isFirstUse, pass } = withClock();
    pass(10_000);
    await isFirstUse('a', 1_000);
    pass(-5_000);
    await isFirstUse('b', 1_000);
    pass(1_500);
    expect(await isFirstUse('a', 1_000)).toBe(false);
  });
});
