import type { DeviceId, OrganisationId, SessionId, UserId } from '#kernel/ids.ts';
import type { HotTx, Tx } from '#platform/db/index.ts';
import type { PackedSession } from './packed-session.ts';
import type { RefreshToken } from './refresh-token.ts';
import type { RevocationReason, Session } from './session.ts';
import type { SessionLimit, SessionPolicy } from './session-policy.ts';

/** The person of a session, as far as every request needs them: read in the same statement. */
export interface SessionUser {
  readonly id: UserId;
  readonly displayName: string;
  readonly email: string;
  readonly status: 'active' | 'suspended';
  readonly createdAt: Date;
}

export interface SessionWithUser {
  readonly session: Session;
  readonly user: SessionUser;
}

/** A place in a person's list of sessions, newest first. */
export interface SessionPosition {
  readonly createdAt: Date;
  readonly id: string;
}

export interface SessionPage {
  readonly limit: number;
  readonly inverted: boolean;
  readonly after?: SessionPosition | undefined;
  readonly before?: SessionPosition | undefined;
  /** Only those of these devices. */
  readonly deviceIds?: readonly DeviceId[] | undefined;
}

export interface SessionStore {
  /**
   * Stores a session, shortened to what its organisation allows and bound as it asks, and returns it so, with the organisation's limit. The one
   * statement reads the policy too.
   */
  insert(
    tx: HotTx,
    session: Session,
    tokenHash: Buffer | null,
  ): Promise<{ readonly session: Session; readonly user: SessionUser; readonly limit: SessionLimit | null }>;
  /** Lets one transaction at a time count this person's sessions; held until it ends. */
  lockPerson(tx: HotTx, userId: UserId): Promise<void>;
  /** How many live sessions the person of `session` has in its organisation besides it and the one that it replaces. */
  countOthers(tx: HotTx, session: Session, replaces: SessionId | null, now: Date): Promise<number>;
  /** Revokes the oldest of those others, so that no more than `keep` are left. */
  evictOldest(tx: HotTx, session: Session, replaces: SessionId | null, keep: number, at: Date): Promise<Session[]>;
  /** Takes back a session that was inserted in this very transaction. */
  withdraw(tx: HotTx, id: SessionId): Promise<void>;
  /** One prepared statement. Revoked and expired sessions are found too: judging them is the domain's. */
  findByTokenHash(tokenHash: Buffer): Promise<SessionWithUser | null>;
  findById(id: SessionId): Promise<SessionWithUser | null>;
  /** Live sessions of a person, newest first, or oldest first when `inverted`, between two places in the list. */
  listLive(userId: UserId, now: Date, page: SessionPage): Promise<Session[]>;
  /** For a refresh: on the transaction's own connection, without the rest of the person. */
  findInTransaction(
    tx: HotTx,
    id: SessionId,
  ): Promise<{ readonly session: Session; readonly userStatus: SessionUser['status'] } | null>;
  touchInTransaction(tx: HotTx, id: SessionId, use: Pick<Session, 'lastUsedAt' | 'idleExpiresAt'>): Promise<void>;
  touch(id: SessionId, use: Pick<Session, 'lastUsedAt' | 'idleExpiresAt'>): Promise<void>;
  /** Sets when and how the person of a live session proved who they are; null when there is no such session. */
  renewAuthentication(
    tx: HotTx,
    renewal: { readonly userId: UserId; readonly sessionId: SessionId; readonly amr: readonly string[]; readonly at: Date },
  ): Promise<Session | null>;
  /** Revokes one live session of this person; null when there is none. The one statement decides who revoked it. */
  revoke(tx: HotTx, userId: UserId, id: SessionId, at: Date, reason: RevocationReason): Promise<Session | null>;
  /** Revokes all live sessions of the person but `except`. */
  revokeAll(tx: HotTx, userId: UserId, at: Date, reason: RevocationReason, except?: SessionId): Promise<Session[]>;
  /** Revokes all live sessions that the person has by this device. */
  revokeOfDevice(tx: HotTx, userId: UserId, deviceId: DeviceId, at: Date, reason: RevocationReason): Promise<Session[]>;
  /**
   * Replaces the token of a live session that a cookie holds; null for one that holds none. From the commit on the old token
   * names no session.
   */
  replaceToken(tx: HotTx, id: SessionId, tokenHash: Buffer, now: Date): Promise<Session | null>;
  /** Of these sessions, those that are not live at `now` any more, or whose user is not active. */
  findEnded(ids: readonly SessionId[], now: Date): Promise<SessionId[]>;
}

/** A session as a node read it from the database, for other nodes. Whether it is still true is for who gets it to find out. */
export interface SessionCopy {
  readonly packed: PackedSession;
  /** All that the log held up to this position was committed before the database was asked. */
  readonly position: bigint;
  /** When that was, by the clock of the node that asked. */
  readonly readAt: Date;
}

/** Copies of sessions that nodes lend each other, beside the database: a place that may forget, be slow or be away. */
export interface SharedSessions {
  /**
   * The copy under `key`; undefined where there is none, or none in time. Never rejects. A copy that is given was made by a
   * node of this deployment for this very key, but it may be old, also older than it was to be kept.
   */
  find(key: string): Promise<SessionCopy | undefined>;
  /** Nobody waits for it, and nobody learns whether it came to pass. */
  keep(key: string, copy: SessionCopy, forMs: number): void;
}

/** Sees to it that a proof of possession is good once (RFC 9449, 11.1). */
export interface ProofReplayGuard {
  /** Whether this proof is seen for the first time; from now on, for `forMs`, it is not. */
  isFirstUse(proofId: string, forMs: number): Promise<boolean>;
}

export interface RefreshTokenStore {
  insert(tx: HotTx, token: RefreshToken, tokenHash: Buffer): Promise<void>;
  /** The first token of a session that was stored in this transaction: not used for the idle timeout it ends, as that does. */
  insertFirst(tx: HotTx, token: Pick<RefreshToken, 'id' | 'sessionId' | 'createdAt'>, tokenHash: Buffer): Promise<void>;
  /** Finds the token and locks its row until the transaction ends, so that parallel refreshes come one after another. */
  findAndLock(tx: HotTx, tokenHash: Buffer): Promise<RefreshToken | null>;
  consume(tx: HotTx, id: string, at: Date, successorNonce: Buffer): Promise<void>;
  /** When the token with this hash expires; null when there is none. */
  findExpiry(tx: HotTx, tokenHash: Buffer): Promise<Date | null>;
}

/** Which sessions a clean-up looks at: an index leads to each kind but those that idled out. */
export type EndedBy = 'timeout' | 'revocation';

export interface CleanedBatch {
  /** Sessions and refresh tokens that were deleted. */
  readonly deleted: number;
  /** Whether there may be more of this kind. */
  readonly more: boolean;
}

export interface EndedSessionStore {
  /**
   * Deletes at most `size` refresh tokens of at most `size` sessions that ended before `before`, and the sessions once
   * they have no tokens left. Rows that another node works on are passed over.
   */
  deleteBatch(tx: HotTx, by: EndedBy, before: Date, size: number): Promise<CleanedBatch>;
  /**
   * The same for sessions that idled out, among the `size` that follow `after` in the order of ids. Also gives the last
   * of them, from which the next call goes on; null at the end of the table.
   */
  deleteIdled(tx: HotTx, after: string, before: Date, size: number): Promise<CleanedBatch & { readonly last: string | null }>;
}

export interface TightenedBatch {
  readonly changed: number;
  /** Sessions that have to be changed and were passed over, since somebody else held them. */
  readonly locked: number;
  /** Whether the policy binds sessions to a place. */
  readonly bound: boolean;
  /** The last session of the batch, from which the next call goes on; null at the end. */
  readonly last: string | null;
}

export interface LiveSessionStore {
  /**
   * Cuts the times of live sessions of an organisation to what its policy allows by now, and binds them as it asks, among
   * the `size` that follow `after` in the order of ids. It waits for no lock and touches nothing that obeys already.
   */
  tightenBatch(
    tx: HotTx,
    batch: { readonly organisationId: OrganisationId; readonly after: string; readonly size: number; readonly now: Date },
  ): Promise<TightenedBatch>;
}

export interface SessionPolicyStore {
  /** Null for an organisation that never set one. */
  find(organisationId: OrganisationId): Promise<SessionPolicy | null>;
  save(tx: Tx, organisationId: OrganisationId, policy: SessionPolicy, at: Date): Promise<void>;
}
