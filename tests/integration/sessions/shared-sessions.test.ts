import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { redisSharedSessions } from '#capabilities/sessions/index.ts';
import type { SessionCopy } from '#capabilities/sessions/sessions.ports.ts';
import { Secret } from '#kernel/secret.ts';
import { createSealedEntries } from '#platform/crypto/index.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis } from '#tests/support/redis-server.ts';

const server = await startRedis();
const redis = server ? await openTestRedis({ REDIS_URL: server.url }) : undefined;
afterAll(async () => {
  redis?.close();
  await server?.stop();
});

const masterKey = new Secret(randomBytes(32));
const copy: SessionCopy = {
  packed: { text: '["a b","é\\u5c71"]', userAgent: 'Mozilla/5.0 (é) 1 2' },
  position: 2n ** 60n,
  readAt: new Date('2026-01-31T12:34:56.789Z'),
};

function openStore(connection: Pick<RedisConnection, 'run'>, { key = masterKey, monotonicMs = (): number => 0 } = {}) {
  return redisSharedSessions({ redis: connection, entries: createSealedEntries(key, 'test'), monotonicMs });
}

describe.skipIf(!redis)('sessions shared by Redis', () => {
  const connection = redis as RedisConnection;

  it('are given as they were kept, to every node with the same master key and to no other', async () => {
    openStore(connection).keep('\xff\x00 key', copy, 60_000);
    // On one connection what comes later is done later.
    expect(await openStore(connection).find('\xff\x00 key')).toEqual(copy);
    expect(await openStore(connection).find('another')).toBeUndefined();
    expect(await openStore(connection, { key: new Secret(randomBytes(32)) }).find('\xff\x00 key')).toBeUndefined();
  });

  it('are no more when their time is over', async () => {
    openStore(connection).keep('short', copy, 1);
    await expect.poll(() => openStore(connection).find('short'), { timeout: 5_000, interval: 5 }).toBeUndefined();
  });

  it('of another release count as none', async () => {
    const entry = createSealedEntries(masterKey, 'test')(Buffer.from('newer'));
    await connection.run((client) => client.set(`{${entry.name}}:session`, entry.seal(Buffer.from('2 {"other":"form"}'))));
    expect(await openStore(connection).find('newer')).toBeUndefined();
  });
});

describe('sessions shared by a Redis', () => {
  it('that does not answer in time are none, and it is not asked again for a second', async () => {
    let nowMs = 0;
    let asked = 0;
    const silent = {
      run: <T>() => {
        asked += 1;
        return new Promise<T>(() => undefined);
      },
    };
    const store = openStore(silent, { monotonicMs: () => nowMs });
    expect(await store.find('key')).toBeUndefined();
    expect(await store.find('key')).toBeUndefined();
    store.keep('key', copy, 1_000);
    expect(asked).toBe(1);
    nowMs = 1_001;
    expect(await store.find('key')).toBeUndefined();
    expect(asked).toBe(2);
  });

  it('that fails are none', async () => {
    const store = openStore({ run: () => Promise.reject(new Error('away')) });
    store.keep('key', copy, 1_000);
    expect(await store.find('key')).toBeUndefined();
  });
});
