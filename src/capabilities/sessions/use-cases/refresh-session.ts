import { createHmac, randomBytes } from 'node:crypto';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { hashOpaqueToken, isOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import type { AccessTokens } from '../access-token.ts';
import { judgeRefresh, type RefreshToken } from '../refresh-token.ts';
import { idleExpiry, isLive, type Session, type SessionTimeouts } from '../session.ts';
import { RefreshTokenInvalidError } from '../sessions.errors.ts';
import { refreshTokenKeyMismatch, refreshTokenReused, sessionRefreshed } from '../sessions.events.ts';
import type { RefreshTokenStore, SessionStore } from '../sessions.ports.ts';
import type { SessionBindings } from './hold-binding.ts';
import { refreshTokenPrefix, type TokenSet } from './issue-session.ts';
import type { EndSessions } from './revoke-session.ts';
import { sendReuseMailTask } from './send-reuse-mail.ts';

export interface RefreshSessionDeps {
  readonly unitOfWork: UnitOfWork;
  readonly sessions: Pick<SessionStore, 'findInTransaction' | 'touchInTransaction'>;
  readonly refreshTokens: RefreshTokenStore;
  readonly accessTokens: Pick<AccessTokens, 'issue'>;
  readonly endSessions: EndSessions;
  readonly bindings: SessionBindings;
  readonly jobs: JobQueue;
  readonly appendEvent: AppendEvent;
  /** Counts a token that was never issued; throws RateLimitedError where its sender's network has had too many. */
  readonly countMiss: (actor: Actor) => Promise<void>;
  /** Key for deriving successors; the database doesn't hold it. */
  readonly rotationKey: Secret<Buffer>;
  readonly timeouts: SessionTimeouts & { readonly refreshTokenGraceSeconds: number };
  readonly clock: Clock;
}

export interface RefreshedSession {
  readonly session: Session;
  readonly tokens: TokenSet;
}

type Outcome = {
  /** There is no such token. One that was issued once, and is used or too old, is no guess. */
  readonly missed?: true;
  readonly refreshed: { readonly session: Session; readonly refreshToken: Secret<string>; readonly expiresAt: Date } | null;
};

export interface RefreshSessionInput {
  readonly refreshToken: string;
  /** The key that the request proved to hold; null for none. */
  readonly dpopJkt: string | null;
}

export type RefreshSession = (actor: Actor, input: RefreshSessionInput) => Promise<RefreshedSession>;

/**
 * Exchanges a refresh token for its successor and a new access token (RFC 6749, 6; rotation of RFC 9700, 4.14.2).
 * The same token again within the grace gives the same successor: a second tab or a lost answer signs nobody out. After
 * it, the session ends, both holders have to sign in, and the person is told by mail. A token that is bound to a key is nothing without a proof by that
 * very key (RFC 9449, 5), and one of a session that is bound otherwise is good there alone. Throws RefreshTokenInvalidError, and RateLimitedError at a network from which many come that are none:
 * good ones go on working there.
 */
export const refreshSession = (deps: RefreshSessionDeps): RefreshSession => {
  const { unitOfWork, sessions, refreshTokens, accessTokens, endSessions, appendEvent, countMiss, timeouts, clock } = deps;

  /** Not random but derived, so that a repeat needs no stored token: the database holds the nonce, the client the token. */
  function successorOf(presented: string, nonce: Buffer): Secret<string> {
    const digest = createHmac('sha256', deps.rotationKey.reveal()).update(nonce).update(presented).digest('base64url');
    return new Secret(`${refreshTokenPrefix}_${digest}`);
  }

  async function rotate(
    tx: HotTx,
    actor: Actor,
    presented: string,
    token: RefreshToken,
    session: Session,
    now: Date,
  ): Promise<Outcome> {
    const nonce = randomBytes(16);
    const refreshToken = successorOf(presented, nonce);
    const expiresAt = idleExpiry(session, now, timeouts);
    await refreshTokens.consume(tx, token.id, now, nonce);
    await refreshTokens.insert(
      tx,
      { id: newId('rft'), sessionId: session.id, createdAt: now, expiresAt, consumedAt: null, successorNonce: null },
      hashOpaqueToken(refreshToken.reveal()),
    );
    await sessions.touchInTransaction(tx, session.id, { lastUsedAt: now, idleExpiresAt: expiresAt });
    const { userId: subjectId, organisationId, id: sessionId } = session;
    await appendEvent(tx, { event: sessionRefreshed, actor, subjectId, organisationId, sessionId });
    return { refreshed: { session: { ...session, lastUsedAt: now, idleExpiresAt: expiresAt }, refreshToken, expiresAt } };
  }

  async function repeat(tx: HotTx, presented: string, token: RefreshToken, session: Session): Promise<Outcome> {
    if (!token.successorNonce) return { refreshed: null };
    const refreshToken = successorOf(presented, token.successorNonce);
    const expiresAt = await refreshTokens.findExpiry(tx, hashOpaqueToken(refreshToken.reveal()));
    return { refreshed: expiresAt && { session, refreshToken, expiresAt } };
  }

  async function endFamily(tx: HotTx, actor: Actor, session: Session): Promise<Outcome> {
    const { userId: subjectId, organisationId, id: sessionId } = session;
    await appendEvent(tx, { event: refreshTokenReused, actor, subjectId, organisationId, sessionId });
    await endSessions.one(tx, actor, { userId: session.userId, sessionId: session.id, reason: 'refresh_token_reused' });
    await deps.jobs.enqueue(tx, sendReuseMailTask, { userId: subjectId, at: clock.now().toISOString() });
    return { refreshed: null };
  }

  /** Refused and told, but nothing ends: without the key the copy is worth nothing, and the one with it goes on. */
  async function refuseOtherKey(tx: HotTx, actor: Actor, session: Session): Promise<Outcome> {
    const { userId: subjectId, organisationId, id: sessionId } = session;
    await appendEvent(tx, { event: refreshTokenKeyMismatch, actor, subjectId, organisationId, sessionId });
    return { refreshed: null };
  }

  return async (actor, { refreshToken: presented, dpopJkt }) => {
    if (!isOpaqueToken(refreshTokenPrefix, presented)) throw new RefreshTokenInvalidError();
    const { refreshed, missed } = await unitOfWork.hotTransaction(async (tx): Promise<Outcome> => {
      const token = await refreshTokens.findAndLock(tx, hashOpaqueToken(presented));
      if (!token) return { refreshed: null, missed: true };
      const found = await sessions.findInTransaction(tx, token.sessionId);
      // Read after the lock was got: while this waited, another refresh may have taken longer than a moment.
      const now = clock.now();
      if (!found || !isLive(found.session, now) || found.userStatus !== 'active') return { refreshed: null };
      const boundTo = found.session.dpopJkt;
      if (boundTo !== null && boundTo !== dpopJkt) return refuseOtherKey(tx, actor, found.session);
      const broken = deps.bindings.brokenBy(found.session, actor.origin);
      if (broken) {
        await deps.bindings.violated(found.session, actor.origin, broken, tx);
        return { refreshed: null };
      }
      switch (judgeRefresh(token, now, timeouts.refreshTokenGraceSeconds)) {
        case 'rotate':
          return rotate(tx, actor, presented, token, found.session, now);
        case 'repeat':
          return repeat(tx, presented, token, found.session);
        case 'reused':
          return endFamily(tx, actor, found.session);
        case 'expired':
          return { refreshed: null };
      }
    });
    // Thrown after the commit: what was recorded and revoked above stays.
    if (missed) await countMiss(actor);
    if (!refreshed) throw new RefreshTokenInvalidError();
    const { session, refreshToken, expiresAt } = refreshed;
    return { session, tokens: { access: await accessTokens.issue(session), refreshToken, refreshTokenExpiresAt: expiresAt } };
  };
};
