import { expect, it } from 'vitest';
import { describeWait } from './describe-wait.ts';

it.each([
  [0, '0:00'],
  [42, '0:42'],
  [725, '12:05'],
  [3600, '1:00:00'],
])('shows %i seconds as %s', (seconds, words) => {
  expect(describeWait(seconds)).toBe(words);
});
