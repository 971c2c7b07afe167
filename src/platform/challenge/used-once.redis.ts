import type { RedisConnection } from '#platform/redis/redis.ts';
import type { UsedOnce } from './challenge-provider.ts';

/**
 * Remembers for all nodes. While Redis is away each node goes by its own memory, `own`, which knows all that passed here
 * before: what was used can then be used once more on every other node, and nowhere twice.
 */
export function redisUsedOnce(redis: Pick<RedisConnection, 'run'>, own: UsedOnce): UsedOnce {
  return {
    claim: async (id, lifetimeSeconds) => {
      if (!(await own.claim(id, lifetimeSeconds))) return false;
      return redis
        .run((client) => client.set(`used:${id}`, '1', 'EX', lifetimeSeconds, 'NX'))
        .then(
          (answer) => answer === 'OK',
          () => true,
        );
    },
  };
}
