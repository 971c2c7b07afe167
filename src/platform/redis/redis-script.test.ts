import { describe, expect, it } from 'vitest';
import { defineScript, hashTagged } from './redis-script.ts';

const never = { run: () => Promise.reject(new Error('Redis was asked')) };

describe('a script', () => {
  const move = defineScript({ name: 'testMove', keys: ['from', 'to'], arguments: [], lua: 'return 1', read: Number });

  it('refuses keys that a Cluster could place on two nodes, before Redis is asked', () => {
    const call = (from: string, to: string) => move(never, { keys: { from, to }, arguments: {} });
    expect(() => call('a', 'b')).toThrow(RangeError);
    expect(() => call(hashTagged('one', 'a'), hashTagged('two', 'a'))).toThrow('testMove share no hash tag');
    return expect(call(hashTagged('one', 'a'), hashTagged('one', 'b'))).rejects.toThrow('Redis was asked');
  });

  it('has a name of its own', () => {
    expect(() => defineScript({ name: 'testMove', keys: [], arguments: [], lua: '', read: Number })).toThrow('defined twice');
  });
});

describe('a hash tag', () => {
  it('stands before the parts of a key', () => {
    expect(hashTagged('ses_1', 'session', 'lease')).toBe('{ses_1}:session:lease');
  });

  it.each(['', 'a}b', '{a'])('is no text that Redis would read otherwise: "%s"', (tag) => {
    expect(() => hashTagged(tag, 'x')).toThrow(RangeError);
  });
});
