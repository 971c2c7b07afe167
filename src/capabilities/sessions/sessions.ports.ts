import type { SessionId, UserId } from '#kernel/ids.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { RefreshToken } from './refresh-token.ts';
import type { RevocationReason, Session } from './session.ts';

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
}

export interface SessionStore {
  insert(tx: HotTx, session: Session, tokenHash: Buffer | null): Promise<void>;
  /** One prepared statement. Revoked and expired sessions are found too: judging them is the domain's. */
  findByTokenHash(tokenHash: Buffer): Promise<SessionWithUser | null>;
  findById(id: SessionId): Promise<SessionWithUser | null>;
  /** The person of a session, without the session. Throws when there is none. */
  findUser(id: UserId): Promise<SessionUser>;
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
  /** Of these sessions, those that are not live at `now` any more, or whose user is not active. */
  findEnded(ids: readonly SessionId[], now: Date): Promise<SessionId[]>;
}

/** Sees to it that a proof of possession is good once (RFC 9449, 11.1). */
export interface ProofReplayGuard {
  /** Whether this proof is seen for the first time; from now on, for `forMs`, it is not. */
  isFirstUse(proofId: string, forMs: number): Promise<boolean>;
}

export interface RefreshTokenStore {
  insert(tx: HotTx, token: RefreshToken, tokenHash: Buffer): Promise<void>;
  /** Finds the token and locks its row until the transaction ends, so that parallel refreshes come one after another. */
  findAndLock(tx: HotTx, tokenHash: Buffer): Promise<RefreshToken | null>;
  consume(tx: HotTx, id: string, at: Date, successorNonce: Buffer): Promise<void>;
  /** When the token with this hash expires; null when there is none. */
  findExpiry(tx: HotTx, tokenHash: Buffer): Promise<Date | null>;
}
