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

it('tells by position what was told with one, and calls what has none yet a change', () => {
  const { changes, passMs } = changesWith(10);
  changes.note('a', 7n);
  expect(changes.anyAfter(6n, 0, 'a')).toBe(true);
  expect(changes.anyAfter(7n, 0, 'a', 'b')).toBe(false);
  passMs(5);
  changes.note('a');
  expect(changes.anyAfter(7n, 5, 'a')).toBe(true);
  changes.note('a', 8n);
  // Another one that was committed here may still be on its way to the log.
  expect(changes.anyAfter(8n, 5, 'a')).toBe(true);
  expect(changes.anyAfter(8n, 6, 'a')).toBe(false);
  expect(changes.anyAfter(7n, 6, 'a')).toBe(true);
});

it('knows the latest position of an id, in whatever order they are told', () => {
  const { changes } = changesWith(10);
  changes.note('a', 9n);
  changes.note('a', 3n);
  expect(changes.anyAfter(8n, 0, 'a')).toBe(true);
});

it('calls nothing unchanged by position since what it has forgotten, for want of room or for its age', () => {
  const crowded = changesWith(1).changes;
  crowded.note('victim', 5n);
  crowded.note('x', 6n);
  expect(crowded.anyAfter(4n, 0, 'any other')).toBe(true);
  expect(crowded.anyAfter(5n, 0, 'any other')).toBe(false);
  const { changes, passMs } = changesWith(10);
  changes.note('placed', 5n);
  changes.note('told', 8n);
  changes.note('not yet placed');
  passMs(1_001);
  changes.note('new', 9n);
  // It has its place by now, whichever that is.
  expect(changes.anyAfter(8n, 0, 'any other')).toBe(true);
  expect(changes.anyAfter(9n, 0, 'any other')).toBe(false);
});
