import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { generateSigningKey, type Sealer, type SigningAlgorithm } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { signingKeyCreated } from '../keys.events.ts';
import type { SigningKeyStore } from '../keys.ports.ts';
import { dueKey, type RotationPolicy } from '../signing-key.ts';

export interface RotateSigningKeysDeps {
  readonly unitOfWork: UnitOfWork;
  readonly store: SigningKeyStore;
  readonly sealer: Sealer;
  readonly appendEvent: AppendEvent;
  readonly policy: RotationPolicy & { readonly algorithm: SigningAlgorithm };
  readonly clock: Clock;
}

export type RotateSigningKeys = (actor: Actor) => Promise<void>;

/** Makes the next signing key when it is due and removes those that nothing needs any more. Safe on many nodes at once. */
export const rotateSigningKeys =
  ({ unitOfWork, store, sealer, appendEvent, policy, clock }: RotateSigningKeysDeps): RotateSigningKeys =>
  async (actor) => {
    await store.deleteExpired(clock.now());
    const published = await store.listPublished(clock.now());
    if (!dueKey(published, clock.now(), policy)) return;
    await unitOfWork.transaction(async (tx) => {
      const now = clock.now();
      // Asked again under the lock: another node may have made it meanwhile.
      const times = dueKey(await store.lockAndList(tx, now), now, policy);
      if (!times) return;
      const id = newId('key');
      const { privateKeyPkcs8, publicJwk } = generateSigningKey(policy.algorithm, id);
      await store.insert(tx, {
        id,
        algorithm: policy.algorithm,
        publicJwk: { ...publicJwk },
        privateKeySealed: sealer.seal(privateKeyPkcs8, id),
        ...times,
      });
      await appendEvent(tx, {
        event: signingKeyCreated,
        actor,
        data: { keyId: id, algorithm: policy.algorithm, activatesAt: times.activatesAt.toISOString() },
      });
    });
  };
