import { afterAll, describe } from 'vitest';
import { describeHeldLimits } from '#capabilities/limits/held-limits.contract.ts';
import { memoryHeldLimits, redisHeldLimits } from '#capabilities/limits/index.ts';
import { Secret } from '#kernel/secret.ts';
import { memoryUsedOnce, redisUsedOnce } from '#platform/challenge/index.ts';
import { describeUsedOnce } from '#platform/challenge/used-once.contract.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { openRedis, type Redis } from '#platform/redis/redis.ts';
import { startRedis } from '#tests/support/redis-server.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const redis = await startRedis();
const clients: Redis[] = [];
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await redis?.stop();
});

describe.skipIf(!redis)('with a redis-server on this machine', () => {
  async function connect(): Promise<Redis> {
    if (!redis) throw new Error('there is no redis-server');
    const client = openRedis(new Secret(redis.url), silent);
    // A command fails at once until the connection stands.
    await new Promise((resolve) => client.once('ready', resolve));
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
  async function unreachable(): Promise<Redis> {
    const client = openRedis(new Secret('redis://127.0.0.1:1'), silent);
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
