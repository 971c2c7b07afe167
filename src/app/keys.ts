import type { AppendEvent } from '#capabilities/events/index.ts';
import { createKeyRing, prismaSigningKeyStore, rotateSigningKeys, signingKeyPurpose } from '#capabilities/keys/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { createSealer } from '#platform/crypto/index.ts';
import type { Database, UnitOfWork } from '#platform/db/index.ts';

export interface KeysDeps {
  readonly config: Pick<Config, 'tokens'>;
  readonly masterKey: Secret<Buffer>;
  readonly db: Database;
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

/** The keys that sign tokens, sealed where they are stored. */
export function composeKeys({ config: { tokens }, masterKey, db, unitOfWork, appendEvent, clock }: KeysDeps) {
  const store = prismaSigningKeyStore(db);
  const sealer = createSealer(masterKey, signingKeyPurpose);
  return {
    keyRing: createKeyRing({ store, sealer, clock }),
    rotateSigningKeys: rotateSigningKeys({
      unitOfWork,
      store,
      sealer,
      appendEvent,
      clock,
      policy: {
        algorithm: tokens.algorithm,
        lifetimeSeconds: tokens.signingKeyLifetimeSeconds,
        overlapSeconds: tokens.signingKeyOverlapSeconds,
        tokenLifetimeSeconds: tokens.accessTokenLifetimeSeconds,
      },
    }),
  };
}
