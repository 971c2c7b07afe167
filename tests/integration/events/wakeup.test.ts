import { afterAll, beforeAll, describe } from 'vitest';
import { postgresEventWakeup, redisEventWakeup } from '#capabilities/events/index.ts';
import { describeEventWakeup } from '#capabilities/events/wakeup.contract.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool } from '#platform/db/index.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { startRedis, type TestRedis } from '#tests/support/redis-server.ts';
import { openRows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describeEventWakeup('PostgreSQL', async () => {
  const settings = { url: new Secret(database.url), max: 2, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 };
  const pool = createPool(settings, silent);
  return {
    here: postgresEventWakeup({ pool }, settings, silent),
    there: postgresEventWakeup({ pool }, settings, silent),
    cut: async () => {
      const rows = await openRows({ databaseUrl: database.url });
      await rows.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sallyport-listener'`,
      );
      await rows.close();
    },
    close: () => pool.end(),
  };
});

const redis: TestRedis | null = await startRedis();
afterAll(() => redis?.stop());

describe.skipIf(!redis)('with a redis-server on this machine', () => {
  describeEventWakeup('Redis', async () => {
    if (!redis) throw new Error('there is no redis-server');
    const nodes = [await openTestRedis({ REDIS_URL: redis.url }), await openTestRedis({ REDIS_URL: redis.url })] as const;
    return {
      here: redisEventWakeup(nodes[0]),
      there: redisEventWakeup(nodes[1]),
      cut: () => redis.cutSubscribers(),
      close: async () => {
        for (const node of nodes) node.close();
      },
    };
  });
});
