import type { Clock } from '#kernel/clock.ts';
import type { OrganisationId, SessionId, UserId } from '#kernel/ids.ts';
import { hashOpaqueToken, isOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { AccessTokenClaims, AccessTokens } from '../access-token.ts';
import { type Acr, acrOf } from '../authentication-context.ts';
import { isLive, type Session } from '../session.ts';
import { AccessTokenInvalidError } from '../sessions.errors.ts';
import type { RefreshTokenStore, SessionStore } from '../sessions.ports.ts';
import { refreshTokenPrefix } from './issue-session.ts';

/** What a token is worth now (RFC 7662, 2.2; RFC 9449, 6.2; RFC 9470, 6.2). Of one that is worth nothing, nothing is told. */
export type TokenIntrospection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly kind: 'access_token' | 'refresh_token';
      readonly userId: UserId;
      readonly sessionId: SessionId;
      readonly organisationId: OrganisationId;
      readonly expiresAt: Date;
      readonly authTime: Date;
      readonly amr: readonly string[];
      readonly acr: Acr;
      /** The key that it is bound to: with it the `token_type` is DPoP. */
      readonly dpopJkt: string | null;
      /** Of an access token: what it claims, for `iss`, `aud`, `iat` and `jti`. */
      readonly claims: AccessTokenClaims | null;
    };

export interface IntrospectTokenDeps {
  readonly unitOfWork: UnitOfWork;
  readonly sessions: Pick<SessionStore, 'findById' | 'findInTransaction'>;
  readonly refreshTokens: Pick<RefreshTokenStore, 'findAndLock'>;
  readonly accessTokens: Pick<AccessTokens, 'readClaims'>;
  readonly clock: Clock;
}

export type IntrospectToken = (input: { readonly token: string }) => Promise<TokenIntrospection>;

const inactive = { active: false } as const;

/**
 * Whether a token is good at this moment, and whose it is: only while its session lives. The door has to know who asks
 * (RFC 7662, 2.1), since anything that is told here serves whoever found a token somewhere.
 */
export const introspectToken = (deps: IntrospectTokenDeps): IntrospectToken => {
  const { unitOfWork, sessions, refreshTokens, accessTokens, clock } = deps;

  async function ofRefreshToken(token: string): Promise<TokenIntrospection> {
    return unitOfWork.hotTransaction(async (tx) => {
      const found = await refreshTokens.findAndLock(tx, hashOpaqueToken(token));
      const owner = found && (await sessions.findInTransaction(tx, found.sessionId));
      const now = clock.now();
      if (!found || found.consumedAt || now >= found.expiresAt) return inactive;
      if (!owner || !isLive(owner.session, now) || owner.userStatus !== 'active') return inactive;
      return { ...toldOf(owner.session), kind: 'refresh_token', expiresAt: found.expiresAt, claims: null };
    });
  }

  async function ofAccessToken(token: string): Promise<TokenIntrospection> {
    const claims = await accessTokens.readClaims(token);
    const found = await sessions.findById(claims.sid);
    if (!found || !isLive(found.session, clock.now()) || found.user.status !== 'active') return inactive;
    return { ...toldOf(found.session), kind: 'access_token', expiresAt: new Date(claims.exp * 1000), claims };
  }

  return async ({ token }) => {
    if (isOpaqueToken(refreshTokenPrefix, token)) return ofRefreshToken(token);
    try {
      return await ofAccessToken(token);
    } catch (error) {
      if (error instanceof AccessTokenInvalidError) return inactive;
      throw error;
    }
  };
};

function toldOf({ id: sessionId, userId, organisationId, authTime, amr, dpopJkt }: Session) {
  return { active: true, userId, sessionId, organisationId, authTime, amr, acr: acrOf(amr), dpopJkt } as const;
}
