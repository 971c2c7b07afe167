import { afterAll, describe } from 'vitest';
import { describeHeldLimits } from '#capabilities/limits/held-limits.contract.ts';
import { memoryHeldLimits, redisHeldLimits } from '#capabilities/limits/index.ts';
import { memoryUsedOnce, redisUsedOnce } from '#platform/challenge/index.ts';
import { describeUsedOnce } from '#platform/challenge/used-once.contract.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis } from '#tests/support/redis-server.ts';

const redis = await startRedis();
const clients: RedisConnection[] = [];
afterAll(async () => {
  for (const client of clients) client.close();
  await redis?.stop();
});

describe.skipIf(!redis)('with a redis-server on this machine', () => {
  async function connect(): Promise<RedisConnection> {
    if (!redis) throw new Error('there is no redis-server');
    const client = await openTestRedis({ REDIS_URL: redis.url });
    clients.push(client);
    return client;
  }

  describeHeldLimits('Redis', async (clock) => ({
    held: redisHeldLimits(await connect(), clock, memoryHeldLimits(clock)),
    close: async () => {},
  }));
  describeUsedOnce('Redis', async () => redisUsedOnce(await connect(), memoryUsedOnce({ now: () => new Date(0) })));
});

describe('with a Redis that is away', () => {
  async function unreachable(): Promise<RedisConnection> {
    const client = await openTestRedis({ REDIS_URL: 'redis://127.0.0.1:1' }, { connected: false });
    clients.push(client);
    return client;
  }

  describeHeldLimits('this process in its place', async (clock) => ({
    held: redisHeldLimits(await unreachable(), clock, memoryHeldLimits(clock)),
    close: async () => {},
  }));
  describeUsedOnce('this process in its place', async () =>
    redisUsedOnce(await unreachable(), memoryUsedOnce({ now: () => new Date(0) })),
  );
});
