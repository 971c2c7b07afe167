import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { HotTx, Tx } from '#platform/db/index.ts';

/** A guess that may be checked: counted already, whatever comes of it. */
export interface Guess {
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly hash: string;
  /** When this password was set, by which one tells it from a later one. */
  readonly changedAt: Date;
  readonly userStatus: 'active' | 'suspended';
}

export interface PasswordCredentialStore {
  /**
   * Counts a guess at the password of whoever has this address and returns what is needed to check it. Null when there is
   * no such person, and when the password is disabled or the 100 guesses of NIST SP 800-63B-4, 3.2.2 are used up. A
   * transaction of its own, committed without waiting for the disk.
   */
  reserveGuess(normalisedEmail: string): Promise<Guess | null>;
  /**
   * A right guess: counting begins anew. False, and nothing changes, when another password was set since the guess was
   * reserved; until `tx` ends none can be set. `rehashed` replaces the stored hash, unless another sign-in was faster.
   */
  settleGuess(tx: HotTx, guess: Guess, rehashed?: { readonly from: string; readonly to: string }): Promise<boolean>;
  /** A guess that was not checked after all: it is not counted. Committed as `reserveGuess` is. */
  releaseGuess(userId: UserId): Promise<void>;
  /** Disables the password when its guesses are used up; whether it was this call that did. */
  disableIfExhausted(tx: HotTx, userId: UserId, at: Date): Promise<boolean>;
  /**
   * Disables the password until another is set. Nobody who has guessed it but not yet begun a session begins one: to them it
   * is another password from then on.
   */
  disable(tx: HotTx, userId: UserId, at: Date): Promise<void>;
  /** Sets a password: counting begins anew and it is enabled. */
  store(tx: Tx, userId: UserId, hash: string, at: Date): Promise<void>;
}

export interface PasswordResetStore {
  /** Replaces any earlier link of the person. */
  replace(
    tx: Tx,
    reset: { readonly id: string; readonly userId: UserId; readonly createdAt: Date; readonly expiresAt: Date },
    tokenHash: Buffer,
  ): Promise<void>;
  /** No link of the person is good any more. Whoever uses one at this moment is waited for. */
  deleteAll(tx: Tx, userId: UserId): Promise<void>;
  /** Whose link this is, if it is good at `now`; it stays good. */
  find(tokenHash: Buffer, now: Date): Promise<UserId | null>;
  /** Removes it; whether there was one that is good at `now`. */
  consume(tx: Tx, tokenHash: Buffer, now: Date): Promise<boolean>;
  deleteExpired(now: Date): Promise<number>;
}
