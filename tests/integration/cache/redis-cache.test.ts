import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ada, anotherKey, describeCache, grace, type Person, people } from '#platform/cache/cache.contract.ts';
import type { Cache, CachedKind, CachedValues } from '#platform/cache/cache.ts';
import { createCache } from '#platform/cache/create-cache.ts';
import { createRedisLayer, type RedisLayer } from '#platform/cache/redis-layer.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { startRedisCluster } from '#tests/support/redis-cluster.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis } from '#tests/support/redis-server.ts';
import { until } from '#tests/support/until.ts';

const redis = await startRedis();
const cluster = redis && (await startRedisCluster());
afterAll(() => Promise.all([redis?.stop(), cluster?.stop()]));

const ways = [
  ...(redis ? [{ way: 'before one Redis', env: { REDIS_URL: redis.url } }] : []),
  ...(cluster ? [{ way: 'before a Redis Cluster', env: { REDIS_URLS: cluster.urls } }] : []),
];

/** A cache that hears of the others already. */
async function openCache(env: Readonly<Record<string, string>>, bounds = {}) {
  const connection = await openTestRedis(env);
  let healthy = false;
  const watched: RedisConnection = {
    ...connection,
    subscribe: (channel, listener) =>
      connection.subscribe(channel, {
        ...listener,
        onHealth: (now) => {
          listener.onHealth(now);
          healthy = now;
        },
      }),
  };
  const cache = createCache({ redis: watched, ...bounds });
  await until('the cache hears', () => healthy);
  const close = async () => {
    await cache.close();
    connection.close();
  };
  return { cache, connection, close, hears: () => healthy };
}

describe.skipIf(!redis)('with a redis-server on this machine', () => {
  for (const { way, env } of ways) describeCache(way, (bounds) => openCache(env, bounds));

  describe.each(ways)('caches of several nodes $way', ({ env }) => {
    let nodes: Awaited<ReturnType<typeof openCache>>[];
    let values: CachedValues<Person>[];
    beforeEach(async () => {
      nodes = await Promise.all(Array.from({ length: 4 }, () => openCache(env)));
      values = nodes.map(({ cache }) => cache.of(people));
    });
    afterEach(async () => void (await Promise.all(nodes.map(({ close }) => close()))));

    it('load a value once between them', async () => {
      const key = anotherKey();
      const load = vi.fn(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return ada;
      });
      const answers = await Promise.all(values.flatMap((node) => [node.get(key, load), node.get(key, load)]));
      expect(answers).toEqual(Array(8).fill(ada));
      expect(load).toHaveBeenCalledOnce();
    });

    it('load anew, all of them, within a second of one being told to forget', async () => {
      const key = anotherKey();
      for (const node of values) await node.get(key, async () => ada);
      await values[0]?.forget(key);
      const answers = () => Promise.all(values.map((node) => node.get(key, async () => grace)));
      await expect.poll(answers, { timeout: 1_000, interval: 5 }).toEqual(Array(4).fill(grace));
    });

    it('do not let a slow node write what it read before a change', async () => {
      const key = anotherKey();
      const begun = Promise.withResolvers<void>();
      const slow = Promise.withResolvers<Person>();
      const early = values[0]?.get(key, () => {
        begun.resolve();
        return slow.promise;
      });
      await begun.promise;
      await values[1]?.forget(key);
      expect(await values[2]?.get(key, async () => grace)).toEqual(grace);
      slow.resolve(ada);
      expect(await early).toEqual(ada);
      for (const node of values) expect(await node.get(key, async () => grace)).toEqual(grace);
    });
  });

  it.each(ways)('a lease is held by one node, and gone once the value is forgotten, $way', async ({ env }) => {
    const connections = [await openTestRedis(env), await openTestRedis(env)] as const;
    const [slow, quick] = connections.map((redis) =>
      createRedisLayer(redis, { longestTtlMs: () => 60_000, onSettled: () => undefined }),
    ) as [RedisLayer, RedisLayer];
    const key = anotherKey();
    expect(await slow.lease(key)).toEqual({ held: true, current: undefined });
    expect(await quick.lease(key)).toMatchObject({ held: false });
    // No message tells the slow node: the lease alone keeps it from writing.
    await quick.forget(key);
    await expect(slow.write(key, 'outdated', 60_000)).rejects.toThrow('lease');
    expect(await quick.read(key)).toBeUndefined();
    expect((await quick.lease(key)).held).toBe(true);
    await expect(slow.write(key, 'outdated', 60_000)).rejects.toThrow('lease');
    await quick.write(key, 'new', 60_000);
    expect(await slow.read(key)).toBe('new');
    expect(await slow.lease(key)).toEqual({ held: true, current: 'new' });
    await slow.release(key);
    expect((await quick.lease(key)).held).toBe(true);
    for (const redis of connections) redis.close();
  });

  describe('a cache whose Redis', () => {
    let opened: Awaited<ReturnType<typeof openCache>>;
    let own: NonNullable<Awaited<ReturnType<typeof startRedis>>>;
    let values: CachedValues<Person>;
    beforeAll(async () => {
      // One that comes back with what it held.
      const started = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
      if (!started) throw new Error('redis-server was here before');
      own = started;
    });
    afterAll(() => own.stop());
    beforeEach(async () => {
      opened = await openCache({ REDIS_URL: own.url });
      values = opened.cache.of(people);
    });
    afterEach(() => opened.close());

    it('is flushed loads again once its memory has ended', async () => {
      const key = anotherKey();
      await values.get(key, async () => ada);
      await own.call('flushall');
      expect(await values.get(key, async () => grace)).toEqual(ada);
      await values.forget(key);
      expect(await values.get(key, async () => grace)).toEqual(grace);
    });

    it('holds what nobody wrote in this form reads past it', async () => {
      for (const odd of ['{', '5', 'null', '{"value":{"name":7},"logicalExpiration":99999999999999}']) {
        const key = anotherKey();
        await own.call('set', `sallyport:{person:1:${key}}:value`, odd);
        expect(await values.get(key, async () => ada)).toEqual(ada);
        expect(await values.get(key, async () => grace)).toEqual(ada);
      }
    });

    it('is full answers, and forgets', async () => {
      const key = anotherKey();
      await values.get(key, async () => ada);
      await own.call('config', 'set', 'maxmemory', '1');
      expect(await values.get(anotherKey(), async () => ada)).toEqual(ada);
      await values.forget(key);
      expect(await values.get(key, async () => grace)).toEqual(grace);
      await own.call('config', 'set', 'maxmemory', '0');
    });

    it('is killed answers, keeps things for a second only, and never serves again what was forgotten meanwhile', async () => {
      const other = await openCache({ REDIS_URL: own.url });
      const others = other.cache.of(people);
      const key = anotherKey();
      await values.get(key, async () => ada);
      await own.kill();
      await expect.poll(() => opened.hears()).toBe(false);
      vi.useFakeTimers({ toFake: ['Date'] });
      expect(await values.get(key, async () => ada)).toEqual(ada);
      vi.setSystemTime(Date.now() + 1_000);
      expect(await values.get(key, async () => grace)).toEqual(grace);
      vi.useRealTimers();
      await values.forget(key);
      await own.restart();
      await expect.poll(() => opened.hears() && other.hears(), { timeout: 10_000 }).toBe(true);
      expect(await values.get(key, async () => grace)).toEqual(grace);
      await expect.poll(() => others.get(key, async () => grace), { timeout: 10_000 }).toEqual(grace);
      await other.close();
    });
  });

  it('is not waited for longer than a load may take: a node that died with the lease', async () => {
    if (!redis) throw new Error('there is no redis-server');
    const kind: CachedKind<Person> = { ...people, name: 'abandoned' };
    const { cache, close }: { cache: Cache; close: () => Promise<void> } = await openCache({ REDIS_URL: redis.url });
    const key = anotherKey();
    await redis.call('set', `sallyport:{abandoned:1:${key}}:lease`, 'of nobody', 'px', '60000');
    expect(await cache.of(kind).get(key, async () => ada)).toEqual(ada);
    await close();
  });
});
