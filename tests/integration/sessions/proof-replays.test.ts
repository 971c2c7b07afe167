import { afterAll, describe, expect, it } from 'vitest';
import { memoryProofReplays, redisProofReplays } from '#capabilities/sessions/index.ts';
import { describeProofReplays } from '#capabilities/sessions/proof-replays.contract.ts';
import { systemClock } from '#kernel/clock.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis } from '#tests/support/redis-server.ts';
import { silent } from '#tests/support/silent-logger.ts';

const server = await startRedis();
const env = { REDIS_URL: server?.url ?? '' };
const clients = server ? [await openTestRedis(env), await openTestRedis(env)] : [];
afterAll(async () => {
  for (const client of clients) client.close();
  await server?.stop();
});

describe.skipIf(!server)('with a redis-server on this machine', () => {
  describeProofReplays('Redis', () => {
    const [here, there] = clients.map((client) => redisProofReplays(client, memoryProofReplays(systemClock), silent));
    if (!here || !there) throw new Error('there is no Redis');
    return { here, there };
  });

  it('keeps a proof in Redis for as long as it was told and no longer, without what the client wrote', async () => {
    const [client] = clients;
    if (!client) throw new Error('there is no Redis');
    const replays = redisProofReplays(client, memoryProofReplays(systemClock), silent);
    await server?.call('flushall');
    await replays.isFirstUse('of the client', 70_000);
    const [key = '', ...others] = ((await server?.call('keys', '*')) ?? []) as string[];
    expect(others).toEqual([]);
    expect(key).toMatch(/^sallyport:dpop:[A-Za-z0-9_-]{43}$/);
    const left = Number(await server?.call('pttl', key));
    expect(left).toBeGreaterThan(60_000);
    expect(left).toBeLessThanOrEqual(70_000);
  });
});
