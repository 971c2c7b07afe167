import { afterAll, describe, expect, it } from 'vitest';
import { redisEventWakeup } from '#capabilities/events/index.ts';
import { describeEventWakeup } from '#capabilities/events/wakeup.contract.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { defineScript, hashTagged } from '#platform/redis/redis-script.ts';
import { startRedisCluster } from '#tests/support/redis-cluster.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedisSentinel } from '#tests/support/redis-sentinel.ts';
import { failoverTests, startRedis } from '#tests/support/redis-server.ts';

const patience = { timeout: 20_000, interval: 20 };
const alone = await startRedis();
const cluster = alone && (await startRedisCluster());
const sentinel = alone && (await startRedisSentinel());
afterAll(async () => {
  await Promise.all([alone, cluster, sentinel].map((servers) => servers?.stop()));
});

const move = defineScript({
  name: 'testMoveAll',
  keys: ['from', 'to'],
  arguments: ['limit'],
  lua: "local n = redis.call('llen', KEYS[1]) for i = 1, math.min(n, ARGV[1]) do redis.call('lmove', KEYS[1], KEYS[2], 'left', 'right') end return n",
  read: Number,
});

const topologies = [
  ...(alone ? [{ topology: 'one server', env: { REDIS_URL: alone.url }, servers: [alone] }] : []),
  ...(cluster ? [{ topology: 'a Cluster', env: { REDIS_URLS: cluster.urls }, servers: cluster.nodes }] : []),
  ...(sentinel
    ? [{ topology: 'Sentinel', env: { REDIS_URL: sentinel.url }, servers: [sentinel.primary, sentinel.replica] }]
    : []),
];

describe.skipIf(!alone)('Redis as', () => {
  describe.each(topologies)('$topology', ({ env, servers }) => {
    describeEventWakeup('Redis', async () => {
      const nodes = [await openTestRedis(env), await openTestRedis(env)] as const;
      return {
        here: redisEventWakeup(nodes[0]),
        there: redisEventWakeup(nodes[1]),
        cut: async () => void (await Promise.all(servers.map((server) => server.cutSubscribers()))),
        close: async () => {
          for (const node of nodes) node.close();
        },
      };
    });

    it('runs a script on keys that share a hash tag, known to the server or not', async () => {
      const redis = await openTestRedis(env);
      const keys = { from: hashTagged('tag', 'from'), to: hashTagged('tag', 'to') };
      for (const round of [1, 2]) {
        await redis.run((client) => client.rpush(keys.from, 'a', 'b', 'c'));
        expect(await move(redis, { keys, arguments: { limit: 2 } })).toBe(3);
        expect(await redis.run((client) => client.lrange(keys.to, 0, -1))).toEqual(['a', 'b']);
        await redis.run((client) => client.del(keys.from, keys.to));
        if (round === 1) await Promise.all(servers.map((server) => server.call('script', 'flush')));
      }
      redis.close();
    });

    it('keeps its keys in its namespace', async () => {
      const [mine, others] = [await openTestRedis(env), await openTestRedis({ ...env, REDIS_NAMESPACE: 'another' })];
      await mine.run((client) => client.set('key', 'mine'));
      expect(await others.run((client) => client.get('key'))).toBeNull();
      expect(await mine.run((client) => client.get('key'))).toBe('mine');
      const heard: string[] = [];
      let healthy = false;
      mine.subscribe('news', { onMessage: (message) => heard.push(message), onHealth: (now) => (healthy = now) });
      await expect.poll(() => healthy, patience).toBe(true);
      await others.publish('news', 'theirs');
      await mine.publish('news', 'ours');
      await expect.poll(() => heard, patience).toEqual(['ours']);
      for (const redis of [mine, others]) redis.close();
    });
  });

  it.runIf(sentinel && failoverTests)('follows Sentinel to the new primary after kill -9, and hears again', async () => {
    if (!sentinel) throw new Error('there is no Sentinel');
    const redis = await openTestRedis({ REDIS_URL: sentinel.url, REDIS_CONNECT_TIMEOUT_MS: '500' });
    const wakeups = await heardBy(redis);
    await sentinel.primary.kill();
    await expect.poll(() => writes(redis), patience).toBe(true);
    await expect.poll(() => wakeups.healthy, patience).toBe(true);
    const before = wakeups.count;
    await redis.publish('events', '');
    await expect.poll(() => wakeups.count, patience).toBeGreaterThan(before);
    expect(await sentinel.replica.call('role')).toContain('master');
    redis.close();
  });

  it.runIf(cluster)('follows a Cluster to the promoted replica after kill -9, and hears again', async () => {
    if (!cluster) throw new Error('there is no Cluster');
    const redis = await openTestRedis({ REDIS_URLS: cluster.urls, REDIS_CONNECT_TIMEOUT_MS: '500' });
    const wakeups = await heardBy(redis);
    const [victim] = cluster.nodes;
    await victim?.kill();
    // One key of each third of the slots: all three must be served again.
    await expect
      .poll(
        async () => (await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => writes(redis, key)))).every(Boolean),
        patience,
      )
      .toBe(true);
    await expect.poll(() => wakeups.healthy, patience).toBe(true);
    const before = wakeups.count;
    await redis.publish('events', '');
    await expect.poll(() => wakeups.count, patience).toBeGreaterThan(before);
    redis.close();
  });
});

async function heardBy(redis: RedisConnection) {
  const heard = { count: 0, healthy: false };
  redis.subscribe('events', {
    onMessage: () => {
      heard.count += 1;
    },
    onHealth: (healthy) => {
      heard.healthy = healthy;
    },
  });
  await expect.poll(() => heard.healthy, patience).toBe(true);
  return heard;
}

const writes = (redis: RedisConnection, key = 'key') =>
  redis
    .run((client) => client.set(key, 'value'))
    .then(
      () => true,
      () => false,
    );
