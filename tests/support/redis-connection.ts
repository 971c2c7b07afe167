import { loadConfig } from '#platform/config/load.ts';
import { openRedis, type RedisConnection } from '#platform/redis/redis.ts';
import { silent } from './silent-logger.ts';
import { until } from './until.ts';

/** A connection as the product makes it from its settings, once it stands. */
export async function openTestRedis(
  env: Readonly<Record<string, string>>,
  { logger = silent, connected = true } = {},
): Promise<RedisConnection> {
  const { redis } = loadConfig({ NODE_ENV: 'test', ...env });
  if (!redis) throw new Error('the test named no Redis');
  const connection = await openRedis(redis, logger);
  // A command fails at once until the connection stands.
  if (connected) await until('Redis is connected', () => connection.isConnected());
  return connection;
}
