import { addSeconds } from '#kernel/clock.ts';
import type { SigningKeyId } from '#kernel/ids.ts';

/** The times of a signing key: published from creation until `expiresAt`, signing from `activatesAt` until `retiresAt`. */
export interface SigningKeyTimes {
  readonly createdAt: Date;
  readonly activatesAt: Date;
  readonly retiresAt: Date;
  readonly expiresAt: Date;
}

export interface SigningKeyRecord extends SigningKeyTimes {
  readonly id: SigningKeyId;
  readonly algorithm: string;
  readonly publicJwk: Readonly<Record<string, unknown>>;
  readonly privateKeySealed: Buffer;
}

export interface RotationPolicy {
  readonly algorithm: string;
  /** How long a key signs. */
  readonly lifetimeSeconds: number;
  /** How long its successor is published before it signs: longer than any verifier caches the key set. */
  readonly overlapSeconds: number;
  /** Longest life of what it signs. */
  readonly tokenLifetimeSeconds: number;
}

// Verifiers' clocks differ, and some cache for longer than they were told.
const publishedAfterSeconds = 3_600;

/** The key that signs at `now`: of those active, the one that became so last. */
export function activeKey<Key extends SigningKeyTimes>(keys: readonly Key[], now: Date): Key | undefined {
  return keys
    .filter((key) => key.activatesAt <= now && now < key.retiresAt)
    .sort((a, b) => b.activatesAt.getTime() - a.activatesAt.getTime())[0];
}

/** The times of the key that has to be made at `now`; null when none has to be. */
export function dueKey(
  keys: readonly (SigningKeyTimes & { readonly algorithm: string })[],
  now: Date,
  policy: RotationPolicy,
): SigningKeyTimes | null {
  const ours = keys.filter((key) => key.algorithm === policy.algorithm && key.retiresAt > now);
  const newest = ours.sort((a, b) => b.retiresAt.getTime() - a.retiresAt.getTime())[0];
  if (newest && now < addSeconds(newest.retiresAt, -policy.overlapSeconds)) return null;
  // The first key signs at once. Any later one is published for the whole overlap before it signs.
  const signsAlready = activeKey(keys, now) !== undefined;
  const activatesAt = newest?.retiresAt ?? (signsAlready ? addSeconds(now, policy.overlapSeconds) : now);
  const retiresAt = addSeconds(activatesAt, policy.lifetimeSeconds);
  return {
    createdAt: now,
    activatesAt,
    retiresAt,
    expiresAt: addSeconds(retiresAt, policy.tokenLifetimeSeconds + publishedAfterSeconds),
  };
}
