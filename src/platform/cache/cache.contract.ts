import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Cache, CachedKind, CacheOutcome } from './cache.ts';

export interface OpenedCache {
  readonly cache: Cache;
  close(): Promise<void>;
}

export interface Person {
  readonly name: string;
  readonly born: Date;
}

/** Of a value that JSON does not keep as it is. */
export const people: CachedKind<Person> = {
  name: 'person',
  version: 1,
  ttlSeconds: 60,
  absentTtlSeconds: 10,
  parse: (json) => {
    const { name, born } = json as { name?: unknown; born?: unknown };
    if (typeof name !== 'string' || typeof born !== 'string') throw new TypeError('no person');
    return { name, born: new Date(born) };
  },
};

export const ada: Person = { name: 'Ada', born: new Date('1815-12-10') };
export const grace: Person = { name: 'Grace', born: new Date('1906-12-09') };

let keys = 0;
/** A key that no other test has used: Redis outlives them. */
export function anotherKey(): string {
  keys += 1;
  return `key-${process.pid}-${keys}`;
}

/** What a cache does on one node, with Redis and without. */
export function describeCache(name: string, open: (bounds?: { readonly mostItems: number }) => Promise<OpenedCache>): void {
  describe(`a cache ${name}`, () => {
    let opened: OpenedCache;
    beforeEach(async () => {
      opened = await open();
      vi.useFakeTimers({ toFake: ['Date'] });
    });
    afterEach(async () => {
      vi.useRealTimers();
      await opened.close();
    });
    const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

    it('loads once and then answers by itself, with what was loaded', async () => {
      const values = opened.cache.of(people);
      const [key, load] = [anotherKey(), vi.fn(async () => ada)];
      for (let read = 0; read < 3; read += 1) expect(await values.get(key, load)).toEqual(ada);
      expect(load).toHaveBeenCalledOnce();
      expect(await values.get(anotherKey(), async () => grace)).toEqual(grace);
    });

    it('loads once for all who ask at the same time', async () => {
      const values = opened.cache.of(people);
      const [key, load] = [anotherKey(), vi.fn(async () => ada)];
      const answers = await Promise.all(Array.from({ length: 100 }, () => values.get(key, load)));
      expect(new Set(answers)).toEqual(new Set([ada]));
      expect(load).toHaveBeenCalledOnce();
    });

    it('keeps the answer that there is none, for its own time', async () => {
      const values = opened.cache.of(people);
      const [key, load] = [anotherKey(), vi.fn(async () => null)];
      for (let read = 0; read < 3; read += 1) expect(await values.get(key, load)).toBeNull();
      expect(load).toHaveBeenCalledOnce();
      pass(11);
      expect(await values.get(key, async () => ada)).toEqual(ada);
    });

    it('keeps nothing beyond its time, nor much less', async () => {
      const values = opened.cache.of(people);
      const [key, load] = [anotherKey(), vi.fn(async () => ada)];
      await values.get(key, load);
      pass(53);
      await values.get(key, load);
      expect(load).toHaveBeenCalledOnce();
      pass(7);
      await values.get(key, load);
      expect(load).toHaveBeenCalledTimes(2);
    });

    it('does not let all values that came at once end at once', async () => {
      const values = opened.cache.of(people);
      const many = Array.from({ length: 60 }, anotherKey);
      await Promise.all(many.map((key) => values.get(key, async () => ada)));
      pass(57);
      const load = vi.fn(async () => ada);
      await Promise.all(many.map((key) => values.get(key, load)));
      expect(load.mock.calls.length).toBeGreaterThan(5);
      expect(load.mock.calls.length).toBeLessThan(55);
    });

    it('passes a failure on as it is, to all who wait, and keeps it not', async () => {
      const values = opened.cache.of(people);
      const key = anotherKey();
      const failure = new Error('the database is away');
      const load = vi.fn(() => Promise.reject(failure));
      const outcomes = await Promise.allSettled([values.get(key, load), values.get(key, load)]);
      expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([failure, failure]);
      expect(load).toHaveBeenCalledOnce();
      expect(await values.get(key, async () => ada)).toEqual(ada);
    });

    it('loads anew what was forgotten', async () => {
      const values = opened.cache.of(people);
      const key = anotherKey();
      await values.get(key, async () => ada);
      await values.forget(key);
      expect(await values.get(key, async () => grace)).toEqual(grace);
      expect(await values.get(key, async () => ada)).toEqual(grace);
    });

    it('does not keep what was loaded before it was forgotten, and lets nobody wait for it who asks after that', async () => {
      const values = opened.cache.of(people);
      const key = anotherKey();
      const begun = Promise.withResolvers<void>();
      const slow = Promise.withResolvers<Person>();
      const early = values.get(key, () => {
        begun.resolve();
        return slow.promise;
      });
      await begun.promise;
      await values.forget(key);
      const late = values.get(key, async () => grace);
      slow.resolve(ada);
      expect(await early).toEqual(ada);
      expect(await late).toEqual(grace);
      expect(await values.get(key, async () => ada)).toEqual(grace);
    });

    it('tells kinds of one key apart', async () => {
      const key = anotherKey();
      expect(await opened.cache.of(people).get(key, async () => ada)).toEqual(ada);
      expect(await opened.cache.of({ ...people, name: 'pilot' }).get(key, async () => grace)).toEqual(grace);
      expect(() => opened.cache.of(people)).toThrow('declared twice');
    });

    it('holds no more than it may, and then still answers', async () => {
      const small = await open({ mostItems: 10 });
      const values = small.cache.of(people);
      const outcomes: CacheOutcome[] = [];
      small.cache.onRead((_kind, outcome) => outcomes.push(outcome));
      const many = Array.from({ length: 30 }, anotherKey);
      for (const key of many) expect(await values.get(key, async () => ada)).toEqual(ada);
      for (const key of many.slice(-10)) await values.get(key, async () => ada);
      expect(outcomes.slice(30)).toEqual(Array(10).fill('l1'));
      for (const key of many.slice(0, 10)) expect(await values.get(key, async () => ada)).toEqual(ada);
      expect(outcomes.slice(40)).not.toContain('l1');
      await small.close();
    });
  });
}
