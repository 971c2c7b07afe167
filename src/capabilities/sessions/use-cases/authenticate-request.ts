import type { RequestOrigin, UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { SessionId } from '#kernel/ids.ts';
import { hashOpaqueToken, isOpaqueToken } from '#platform/crypto/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { AccessTokens } from '../access-token.ts';
import type { ProofsOfPossession, RequestTarget } from '../proof-of-possession.ts';
import type { Session } from '../session.ts';
import { isLive, type SessionTimeouts, touchSession } from '../session.ts';
import { AccessTokenInvalidError } from '../sessions.errors.ts';
import type { SessionStore, SessionUser, SessionWithUser } from '../sessions.ports.ts';
import type { SessionBindings } from './hold-binding.ts';
import { sessionTokenPrefix } from './issue-session.ts';
import { toPrincipal } from './principal-of.ts';

/** Who a request is from, with what was read to find it out. */
export interface Principal {
  readonly actor: UserActor;
  readonly session: Session;
  readonly user: SessionUser;
}

export type Credential =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'dpop'; readonly token: string; readonly proof: string | undefined; readonly target: RequestTarget }
  | { readonly kind: 'cookie'; readonly token: string }
  /**
   * A session that was authenticated before: each message on its WebSocket, or a job that acts for its person. Never made of
   * what a client sends.
   */
  | { readonly kind: 'session'; readonly sessionId: SessionId };

export interface AuthenticateRequestDeps {
  readonly sessions: Pick<SessionStore, 'findByTokenHash' | 'findById' | 'touch'>;
  readonly accessTokens: Pick<AccessTokens, 'verify'>;
  readonly proofs: Pick<ProofsOfPossession, 'assertOf'>;
  readonly bindings: SessionBindings;
  readonly timeouts: SessionTimeouts;
  readonly clock: Clock;
  readonly logger: Logger;
}

export type AuthenticateRequest = (credential: Credential, origin: RequestOrigin) => Promise<Principal | null>;

/**
 * Finds who a credential belongs to, by one statement, and honours revocation at once: a signed access token too counts
 * only while its session lives. The one way in which HTTP requests, WebSocket messages and jobs come to act for a person.
 * A cookie or a session that lives no more is nobody: null. An access token of such a session throws
 * AccessTokenInvalidError (RFC 6750, 3.1); one that is bound to a key wants its proof: see `ProofsOfPossession`. Outside
 * of its bindings a session answers as one that ended: see `SessionBindings`.
 */
export const authenticateRequest =
  ({ sessions, accessTokens, proofs, bindings, timeouts, clock, logger }: AuthenticateRequestDeps): AuthenticateRequest =>
  async (credential, origin) => {
    const found = await find(credential);
    const now = clock.now();
    if (!found || !isLive(found.session, now) || found.user.status !== 'active') return nobody();
    const { session, user } = found;
    await proofs.assertOf(session, credential);
    // After the proof: without the key a token from elsewhere is nothing, and must not end the session of the one with it.
    const broken = bindings.brokenBy(session, origin);
    if (broken) {
      await bindings.violated(session, origin, broken);
      return nobody();
    }
    const use = touchSession(session, now, timeouts);
    // Nobody waits for this write, and a lost one shortens the session by a minute at most.
    if (use)
      sessions.touch(session.id, use).catch((error: unknown) => logger.warn('could not note the use of a session', { error }));
    return toPrincipal(session, user, origin);

    function nobody(): null {
      if (credential.kind === 'bearer' || credential.kind === 'dpop') throw new AccessTokenInvalidError();
      return null;
    }

    async function find(by: Credential): Promise<SessionWithUser | null> {
      if (by.kind === 'session') return sessions.findById(by.sessionId);
      const { kind, token } = by;
      if (isOpaqueToken(sessionTokenPrefix, token)) return sessions.findByTokenHash(hashOpaqueToken(token));
      return kind === 'cookie' ? null : sessions.findById(await accessTokens.verify(token));
    }
  };
