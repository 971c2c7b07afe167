import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { HotTx, Tx } from '#platform/db/index.ts';

/** A guess that may be checked: counted already, whatever comes of it. */
export interface Guess {
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly hash: string;
  readonly userStatus: 'active' | 'suspended';
}

export interface PasswordCredentialStore {
  /**
   * Counts a guess at the password of whoever has this address and returns what is needed to check it. Null when there is
   * no such person, and when the password is disabled or the 100 guesses of NIST SP 800-63B-4, 3.2.2 are used up.
   */
  reserveGuess(tx: HotTx, normalisedEmail: string): Promise<Guess | null>;
  /** A right guess: counting begins anew. With `hash`, it replaces the stored one, unless that was changed meanwhile. */
  settleGuess(tx: HotTx, userId: UserId, rehashed?: { readonly from: string; readonly to: string }): Promise<void>;
  /** Disables the password when its guesses are used up; whether it was this call that did. */
  disableIfExhausted(tx: HotTx, userId: UserId, at: Date): Promise<boolean>;
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
  /** Whose link this is, if it is good at `now`; it stays good. */
  find(tokenHash: Buffer, now: Date): Promise<UserId | null>;
  /** Removes it; whether there was one that is good at `now`. */
  consume(tx: Tx, tokenHash: Buffer, now: Date): Promise<boolean>;
  deleteExpired(now: Date): Promise<number>;
}
