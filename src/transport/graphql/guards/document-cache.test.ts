import { describe, expect, it } from 'vitest';
import { createSourceCache } from './document-cache.ts';

describe('createSourceCache', () => {
  it('drops what was used longest ago when there are too many entries', () => {
    const cache = createSourceCache<number>({ maxEntries: 2, maxSourceLength: 100 });
    cache.set('a', 1);
    cache.set('b', 2);
    expect(cache.get('a')).toBe(1);
    cache.set('c', 3);
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([1, undefined, 3]);
  });

  it('holds no more source text than it may, so that large documents cannot fill the memory', () => {
    const cache = createSourceCache<number>({ maxEntries: 1_000, maxSourceLength: 100 });
    for (let i = 0; i < 50; i += 1) cache.set(`${i}`.padEnd(30), i);
    expect(cache.size).toBe(3);
    expect(cache.get('49'.padEnd(30))).toBe(49);
  });

  it('does not give up everything for a text that is too large alone', () => {
    const cache = createSourceCache<number>({ maxEntries: 10, maxSourceLength: 100 });
    cache.set('a', 1);
    cache.set('x'.repeat(101), 2);
    expect([cache.get('a'), cache.size]).toEqual([1, 1]);
  });

  it('counts a text that is set again once', () => {
    const cache = createSourceCache<number>({ maxEntries: 10, maxSourceLength: 10 });
    for (let i = 0; i < 5; i += 1) cache.set('abcdefgh', i);
    cache.set('ij', 9);
    expect([cache.get('abcdefgh'), cache.get('ij')]).toEqual([4, 9]);
  });
});
