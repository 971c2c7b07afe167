import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '#kernel/clock.ts';
import {
  type LimitGroup,
  memoryRateLimiter,
  type RateLimiter,
  redisRateLimiter,
  resilientRateLimiter,
} from '#platform/rate-limit/index.ts';
import { describeRateLimiter } from '#platform/rate-limit/rate-limiter.contract.ts';
import { createFrozenClock } from '#tests/support/make-test-app.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis, type TestRedis } from '#tests/support/redis-server.ts';
import { silent } from '#tests/support/silent-logger.ts';

// A Redis that answers is waited for, however busy the machine is.
const patienceMs = 20_000;

const client = (server: TestRedis) => openTestRedis({ REDIS_URL: server.url });

const redis: TestRedis | null = await startRedis();
afterAll(() => redis?.stop());

describe.skipIf(!redis)('with a redis-server on this machine', () => {
  if (!redis) return;

  describeRateLimiter('Redis', async (clock) => {
    const connection = await client(redis);
    return { limiter: redisRateLimiter(connection, clock), close: async () => connection.close() };
  });

  describeRateLimiter('Redis, counted on this node as well', async (clock) => {
    const connection = await client(redis);
    const limiter = onNode(redisRateLimiter(connection, clock), clock);
    return { limiter, close: async () => connection.close() };
  });

  describe('two nodes on one Redis', () => {
    let connections: Awaited<ReturnType<typeof client>>[];
    beforeAll(async () => {
      connections = [await client(redis), await client(redis)];
    });
    afterAll(() => {
      for (const connection of connections) connection.close();
    });

    it('admit the limit together, however their calls meet', async () => {
      const clock = createFrozenClock();
      const nodes = connections.map((connection) => onNode(redisRateLimiter(connection, clock), clock));
      const group = groupOf('together', 50);
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => nodes[index % 2]?.reserve(group, 1)));
      expect(answers.filter((answer) => answer?.admitted)).toHaveLength(50);
    });

    it('keep no key longer than its window needs', async () => {
      const clock = createFrozenClock();
      const [connection] = connections;
      if (!connection) throw new Error('there is a connection');
      await redisRateLimiter(connection, clock).reserve(groupOf('expiry', 5), 1);
      const left = Number(await redis.call('pttl', 'sallyport:limit:{expiry}:expiry'));
      expect(left).toBeGreaterThan(60_000);
      expect(left).toBeLessThanOrEqual(72_000);
    });
  });
});

const groupOf = (name: string, limit: number): LimitGroup => ({
  tag: name,
  limits: [{ key: name, limit, windowSeconds: 60 }],
});

const onNode = (shared: RateLimiter, clock: Clock) =>
  resilientRateLimiter({ shared, local: memoryRateLimiter({ clock }), clock, logger: silent, timeoutMs: patienceMs });

async function admittedOf(limiter: RateLimiter, group: LimitGroup, attempts: number): Promise<number> {
  let admitted = 0;
  for (let attempt = 0; attempt < attempts; attempt += 1) if ((await limiter.reserve(group, 1)).admitted) admitted += 1;
  return admitted;
}

describe.skipIf(!redis)('a Redis that fails', () => {
  it('killed in the middle of an attack leaves no more than a quarter of the limit, what was counted before included', async () => {
    const own = await startRedis();
    if (!own) throw new Error('there is a redis-server');
    const clock = createFrozenClock();
    const limiter = onNode(redisRateLimiter(await client(own), clock), clock);
    const [early, late] = [groupOf('early', 40), groupOf('late', 40)];
    expect(await admittedOf(limiter, early, 6)).toBe(6);
    expect(await admittedOf(limiter, late, 30)).toBe(30);
    const underWay = Promise.all(Array.from({ length: 40 }, () => limiter.reserve(groupOf('cut', 40), 1)));
    await own.stop();
    expect((await underWay).filter(({ admitted }) => admitted).length).toBeLessThanOrEqual(40);
    expect(await admittedOf(limiter, early, 100)).toBe(4);
    expect(await admittedOf(limiter, late, 100)).toBe(0);
    expect(await admittedOf(limiter, groupOf('new', 40), 100)).toBe(10);
    // Asked again after a second, in vain: still no more.
    clock.advance(2);
    expect(await admittedOf(limiter, groupOf('new', 40), 100)).toBe(0);
    clock.advance(66);
    expect(await admittedOf(limiter, groupOf('new', 40), 100)).toBe(10);
  });

  it('that loses its memory makes this node forget nothing', async () => {
    if (!redis) throw new Error('there is a redis-server');
    const clock = createFrozenClock();
    const connection = await client(redis);
    const limiter = onNode(redisRateLimiter(connection, clock), clock);
    const group = groupOf('flushed', 10);
    expect(await admittedOf(limiter, group, 20)).toBe(10);
    await redis.call('flushall');
    expect(await admittedOf(limiter, group, 20)).toBe(0);
    connection.close();
  });

  it('that hangs is not waited for, and is counted on again when it answers', async () => {
    const clock = createFrozenClock();
    let hanging = true;
    const counted = memoryRateLimiter({ clock });
    const shared: RateLimiter = {
      reserve: (group, cost) => (hanging ? new Promise(() => {}) : counted.reserve(group, cost)),
      refund: (group, cost) => counted.refund(group, cost),
    };
    const limiter = resilientRateLimiter({ shared, local: memoryRateLimiter({ clock }), clock, logger: silent, timeoutMs: 5 });
    expect(await admittedOf(limiter, groupOf('slow', 40), 100)).toBe(10);
    hanging = false;
    clock.advance(2);
    expect(await admittedOf(limiter, groupOf('slow', 40), 100)).toBe(30);
  });
});
