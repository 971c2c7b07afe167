import { expect, it } from 'vitest';
import { createKnownChanges } from './known-changes.ts';

function changesWith(maxEntries: number) {
  let nowMs = 0;
  return {
    changes: createKnownChanges({ monotonicMs: () => nowMs, rememberMs: 1_000, maxEntries }),
    passMs: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('tells a change after the mark from one before it', () => {
  const { changes } = changesWith(10);
  changes.note('a');
  const mark = changes.mark();
  expect(changes.anySince(mark, 'a', 'b')).toBe(false);
  changes.note('b');
  expect(changes.anySince(mark, 'a')).toBe(false);
  expect(changes.anySince(mark, 'a', 'b')).toBe(true);
  expect(changes.anySince(changes.mark(), 'a', 'b')).toBe(false);
});

it('tells of a repeated change again', () => {
  const { changes } = changesWith(10);
  changes.note('a');
  const mark = changes.mark();
  changes.note('a');
  expect(changes.anySince(mark, 'a')).toBe(true);
});

it('calls nothing unchanged whose changes it may have forgotten for want of room', () => {
  const { changes } = changesWith(2);
  const mark = changes.mark();
  changes.note('victim');
  for (const id of ['x', 'y', 'z']) changes.note(id);
  expect(changes.anySince(mark, 'victim')).toBe(true);
  expect(changes.anySince(mark, 'any other')).toBe(true);
  expect(changes.anySince(changes.mark(), 'victim')).toBe(false);
});

it('forgets by age without losing anything newer', () => {
  const { changes, passMs } = changesWith(2);
  changes.note('old');
  changes.note('older');
  passMs(1_001);
  const mark = changes.mark();
  changes.note('new');
  expect(changes.anySince(mark, 'unrelated')).toBe(false);
  expect(changes.anySince(mark, 'new')).toBe(true);
});
