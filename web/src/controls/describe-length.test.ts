import { describe, expect, it } from 'vitest';
import { describeLength } from './describe-length.ts';

describe('describeLength', () => {
  it('says what is missing while the minimum is known', () => {
    expect(describeLength('', 12)).toContain('At least 12 characters');
    expect(describeLength('eleven char', 12)).toBe('11 characters, 1 more to go');
    expect(describeLength('twelve chars', 12)).toBe('12 characters, long enough');
  });

  it('only counts while the minimum is unknown', () => {
    expect(describeLength('a', undefined)).toBe('1 character');
  });

  it('counts code points of the composed form, not code units', () => {
    expect(describeLength('🔑🔑', undefined)).toBe('2 characters');
    expect(describeLength('e\u0301', undefined)).toBe('1 character');
  });
});
