import {
  createProofsOfPossession,
  memoryProofReplays,
  type ProofsOfPossession,
  redisProofReplays,
} from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { createDpopNonces, deriveSecret } from '#platform/crypto/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';

export interface ProofDeps {
  readonly config: Config;
  readonly masterKey: Secret<Buffer>;
  readonly redis: RedisConnection | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Proofs by keys of clients: with a Redis all nodes know which were used, without one each knows its own. */
export function composeProofs({ config, masterKey, redis, clock, logger }: ProofDeps): ProofsOfPossession {
  const own = memoryProofReplays(clock);
  return createProofsOfPossession({
    publicUrl: config.http.publicUrl,
    replays: redis ? redisProofReplays(redis, own, logger) : own,
    nonces: createDpopNonces({ key: deriveSecret(masterKey, 'dpop-nonce'), clock }),
    nonceRequired: config.tokens.dpopNonceRequired,
    clock,
  });
}
