import type { Email, Organisation } from '#capabilities/identity/index.ts';
import type { RegistrationId, UserId } from '#kernel/ids.ts';
import type { HotTx, Tx } from '#platform/db/index.ts';
import type { Registration } from './registration.ts';
import type { ThrottlePolicy } from './throttle.ts';

export interface RegistrationStore {
  insert(tx: Tx, registration: Registration, tokenHash: Buffer): Promise<void>;
  findById(id: RegistrationId): Promise<Registration | null>;
  /** Whose link this is; it stays good. */
  findByToken(tokenHash: Buffer): Promise<Registration | null>;
  /**
   * Removes and returns it, so that of two users of one link exactly one gets it. Whoever consumes another link of the same
   * address waits until `tx` ends.
   */
  consume(tx: Tx, tokenHash: Buffer): Promise<Registration | null>;
  /** The newest that waits for this address at `now`. */
  findPending(normalised: string, now: Date): Promise<Registration | null>;
  /** The link with this token is the good one from now on. */
  replaceToken(tx: Tx, id: RegistrationId, tokenHash: Buffer): Promise<void>;
  extend(tx: Tx, id: RegistrationId, expiresAt: Date): Promise<void>;
  deleteByEmail(tx: Tx, normalised: string): Promise<void>;
  deleteExpired(now: Date): Promise<number>;
}

export interface BootstrapTokenStore {
  /** Adds one beside those that are good; of more than `keep` the oldest die, as do those that have expired. */
  add(tx: Tx, id: string, tokenHash: Buffer, createdAt: Date, expiresAt: Date, keep: number): Promise<void>;
  /** Whether there was one that is good at `now`: then all of them are removed, so that of two claims one wins. */
  consume(tx: Tx, tokenHash: Buffer, now: Date): Promise<boolean>;
}

export type Reservation =
  | { readonly blockedUntil: Date; readonly attempts?: undefined }
  | { readonly blockedUntil: null; readonly attempts: number };

/** One attempt at an account from a network: where one of the two is blocked, neither is counted further. */
export type PairReservation =
  | { readonly blockedUntil: Date }
  | {
      readonly blockedUntil: null;
      readonly attempts: { readonly network: number; readonly account: number };
      /** Under which of the two keys the attempt at the account was counted. */
      readonly account: ThrottleKey;
    };

/** An account, and how it is counted from a network where its owner has signed in. The keys are those of the throttles. */
export interface AccountKeys {
  readonly account: ThrottleKey;
  readonly known: ThrottleKey;
}

export interface KnownNetworkStore {
  /**
   * Somebody proved that the account is theirs: attempts from this network are counted apart from now on, for 90 days after
   * the last time and at ten networks per account. Also forgets the attempts counted under `settled`, in one statement.
   */
  remember(tx: HotTx, settled: ThrottleKey, keys: AccountKeys, now: Date): Promise<void>;
  /** Like `remember`, but forgets what was counted under either key, and every other network of the account. */
  rememberOnly(tx: HotTx, keys: AccountKeys, now: Date): Promise<void>;
  deleteForgotten(now: Date): Promise<number>;
}

export interface ThrottleKey {
  readonly key: Buffer;
  readonly policy: ThrottlePolicy;
}

export interface ThrottleStore {
  /**
   * `reserve` for a network and then an account, as one statement that is a transaction of its own. The account is counted
   * under its key `known` where its owner has signed in from this network, else under `account`. It is committed without
   * waiting for the disk: everybody behind one address counts on the same row, and would sign in one after the other. A
   * crash of PostgreSQL may forget the last half second of attempts, which no guesser can bring about.
   */
  reservePair(network: ThrottleKey, keys: AccountKeys, now: Date): Promise<PairReservation>;
  /** `refund` as a transaction of its own, committed without waiting for the disk as well. */
  refundNow(key: ThrottleKey): Promise<void>;
  /**
   * Counts an attempt, before anything is known of its outcome, unless the key is blocked; then nothing is counted and the
   * end of the block is returned. Of parallel attempts each is counted. `attempts` is the count with this one.
   */
  reserve(tx: HotTx, key: Buffer, policy: ThrottlePolicy, now: Date): Promise<Reservation>;
  /** Forgets all attempts. */
  clear(tx: HotTx, key: Buffer): Promise<void>;
  /** Takes one reserved attempt back: it was no failure. */
  refund(tx: HotTx, key: Buffer, policy: ThrottlePolicy): Promise<void>;
  deleteForgotten(before: Date): Promise<number>;
}

export interface IdempotencyClaim {
  readonly id: Buffer;
  readonly fingerprint: Buffer;
  readonly run: Buffer;
  readonly lockedUntil: Date;
  readonly expiresAt: Date;
}

export interface IdempotencyStore {
  /** Of parallel claims of one id exactly one is `claimed`. It is committed at once. */
  claim(claim: IdempotencyClaim, now: Date): Promise<'claimed' | 'running' | 'completed' | 'other payload'>;
  /** Whether the claim was still this run's. */
  complete(tx: HotTx, claim: Pick<IdempotencyClaim, 'id' | 'run'>, now: Date): Promise<boolean>;
  /** Forgets a claim that came to nothing. */
  release(claim: Pick<IdempotencyClaim, 'id' | 'run'>): Promise<void>;
  deleteExpired(now: Date): Promise<number>;
}

/** What signing up needs of passwords; capabilities/passwords provides it. */
export interface PasswordEnrolment {
  /** Screens a new password by the organisation's policy and hashes it. Throws PasswordRejectedError and OverloadedError. */
  prepare(input: {
    readonly password: string;
    readonly email: Email;
    readonly displayName: string;
    readonly organisation: Organisation;
  }): Promise<string>;
  /** Whether `hash` is one of this password. Throws OverloadedError. */
  verify(hash: string, password: string): Promise<boolean>;
  store(tx: Tx, userId: UserId, hash: string, at: Date): Promise<void>;
}
