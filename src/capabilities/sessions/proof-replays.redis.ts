import { createHash } from 'node:crypto';
import type { Logger } from '#platform/observability/logger.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import type { ProofReplayGuard } from './sessions.ports.ts';

/**
 * Remembers used proofs for all nodes. Without Redis each node goes on with what it remembers itself: then a stolen proof,
 * together with its token, could be used once more at each other node, for about a minute. To refuse every bound client
 * instead would turn an outage of Redis into one of the product; the key is proved in either case.
 */
export function redisProofReplays(redis: Pick<RedisConnection, 'run'>, own: ProofReplayGuard, logger: Logger): ProofReplayGuard {
  return {
    isFirstUse: async (proofId, forMs) => {
      // Before the network, so that the memory is whole at the moment when Redis goes away.
      if (!(await own.isFirstUse(proofId, forMs))) return false;
      const key = `dpop:${createHash('sha256').update(proofId).digest('base64url')}`;
      try {
        return (await redis.run((client) => client.set(key, '', 'PX', forMs, 'NX'))) === 'OK';
      } catch (error) {
        logger.debug('a used proof could not be told to the other nodes', { error });
        return true;
      }
    },
  };
}
