import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import { newId, type OrganisationId, type UserId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { hashOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { AccessTokens, IssuedAccessToken } from '../access-token.ts';
import { beginSession, type Session, type SessionTimeouts } from '../session.ts';
import type { RefreshTokenStore, SessionStore } from '../sessions.ports.ts';

export const sessionTokenPrefix = 'spt';
export const refreshTokenPrefix = 'srt';

/** `cookie`: one opaque token for an HttpOnly cookie. `tokens`: an access token and a refresh token for the client to keep. */
export type TokenDelivery = 'cookie' | 'tokens';

export interface TokenSet {
  readonly access: IssuedAccessToken;
  readonly refreshToken: Secret<string>;
  readonly refreshTokenExpiresAt: Date;
}

/**
 * A session that has begun. `tokens` signs the access token, so it is called after the transaction: to read the signing key
 * may take a connection, and those that sign in at once would hold all of them.
 */
export type IssuedSession = { readonly session: Session } & (
  | { readonly delivery: 'cookie'; readonly sessionToken: Secret<string> }
  | { readonly delivery: 'tokens'; tokens(): Promise<TokenSet> }
);

export interface IssueSessionInput {
  readonly actor: Actor;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  readonly amr: readonly string[];
  readonly delivery: TokenDelivery;
  /** The key that the tokens shall be bound to. A cookie is bound to none. */
  readonly dpopJkt?: string | null;
}

export interface IssueSessionDeps {
  readonly sessions: Pick<SessionStore, 'insert'>;
  readonly refreshTokens: Pick<RefreshTokenStore, 'insert'>;
  readonly accessTokens: Pick<AccessTokens, 'issue'>;
  readonly timeouts: SessionTimeouts;
  readonly clock: Clock;
}

export type IssueSession = (tx: HotTx, input: IssueSessionInput) => Promise<IssuedSession>;

/** Begins a session in the transaction of the sign-in that earned it. The tokens leave here only; the tables get hashes. */
export const issueSession =
  ({ sessions, refreshTokens, accessTokens, timeouts, clock }: IssueSessionDeps): IssueSession =>
  async (tx, { actor, userId, organisationId, amr, delivery, dpopJkt }) => {
    const now = clock.now();
    const { ipAddress, userAgent } = actor.origin;
    const binding = { dpopJkt: delivery === 'tokens' ? (dpopJkt ?? null) : null };
    const who = { id: newId('ses'), userId, organisationId, amr, ipAddress, userAgent, ...binding };
    const session = beginSession(who, now, timeouts);
    if (delivery === 'cookie') {
      const sessionToken = newOpaqueToken(sessionTokenPrefix);
      await sessions.insert(tx, session, hashOpaqueToken(sessionToken.reveal()));
      return { session, delivery, sessionToken };
    }
    const refreshToken = newOpaqueToken(refreshTokenPrefix);
    await sessions.insert(tx, session, null);
    const refreshTokenExpiresAt = refreshExpiry(session, now, timeouts);
    await refreshTokens.insert(
      tx,
      {
        id: newId('rft'),
        sessionId: session.id,
        createdAt: now,
        expiresAt: refreshTokenExpiresAt,
        consumedAt: null,
        successorNonce: null,
      },
      hashOpaqueToken(refreshToken.reveal()),
    );
    const tokens = async () => ({ access: await accessTokens.issue(session), refreshToken, refreshTokenExpiresAt });
    return { session, delivery, tokens };
  };

/** A refresh token not used for the idle timeout ends, and none outlives its session. */
export function refreshExpiry(session: Session, now: Date, timeouts: SessionTimeouts): Date {
  const idle = addSeconds(now, timeouts.idleTimeoutSeconds);
  return idle < session.expiresAt ? idle : session.expiresAt;
}
