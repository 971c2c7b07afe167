import { describe, expect, it } from 'vitest';
import { describeRelative } from './describe-time.ts';

const now = Date.parse('2026-05-04T12:00:00Z');

describe('describeRelative', () => {
  it.each([
    ['just now', '2026-05-04T11:59:01Z'],
    ['1 minute ago', '2026-05-04T11:59:00Z'],
    ['59 minutes ago', '2026-05-04T11:00:01Z'],
    ['1 hour ago', '2026-05-04T11:00:00Z'],
    ['yesterday', '2026-05-03T12:00:00Z'],
    ['6 days ago', '2026-04-28T12:00:00Z'],
    ['last week', '2026-04-27T12:00:00Z'],
    ['last year', '2025-05-04T12:00:00Z'],
  ])('says %s', (words, iso) => {
    expect(describeRelative(iso, now)).toBe(words);
  });

  it('does not speak of the future when the clocks differ', () => {
    expect(describeRelative('2026-05-04T12:03:00Z', now)).toBe('just now');
  });
});
