import { Redis } from 'ioredis';
import type { Secret } from '#kernel/secret.ts';
import type { Logger } from '#platform/observability/logger.ts';

const longestPauseMs = 2_000;

/** Opens a Redis client. A command fails at once while Redis is away: whoever asks has a way without it. */
export function openRedis(url: Secret<string>, logger: Logger): Redis {
  const redis = new Redis(url.reveal(), {
    connectionName: 'sallyport',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: 2_000,
    connectTimeout: 5_000,
    keyPrefix: 'sallyport:',
    retryStrategy: (attempt) => Math.min(longestPauseMs, 50 * 2 ** attempt) * (0.5 + Math.random() / 2),
  });
  let reported = false;
  redis.on('error', (error) => {
    if (!reported) logger.warn('Redis is away; the product goes on without it', { error });
    reported = true;
  });
  redis.on('ready', () => {
    reported = false;
  });
  return redis;
}

export type { Redis };
