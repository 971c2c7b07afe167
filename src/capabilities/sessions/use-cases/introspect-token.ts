import type { Authorize } from '#capabilities/access/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { OrganisationId, SessionId, UserId } from '#kernel/ids.ts';
import { hashOpaqueToken, isOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { AccessTokenClaims, AccessTokens } from '../access-token.ts';
import { type Acr, acrOf } from '../authentication-context.ts';
import { isLive, type Session } from '../session.ts';
import { AccessTokenInvalidError } from '../sessions.errors.ts';
import type { RefreshTokenStore, SessionStore } from '../sessions.ports.ts';
import { refreshTokenPrefix, sessionTokenPrefix } from './issue-session.ts';

/** What a token is worth now (RFC 7662, 2.2; RFC 9449, 6.2; RFC 9470, 6.2). Of one that is worth nothing, nothing is told. */
export type TokenIntrospection =
  | { readonly active: false }
  | {
      readonly active: true;
      /** `session_token`: that of a cookie. */
      readonly kind: 'access_token' | 'refresh_token' | 'session_token';
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
  readonly sessions: Pick<SessionStore, 'findById' | 'findByTokenHash' | 'findInTransaction'>;
  readonly refreshTokens: Pick<RefreshTokenStore, 'findAndLock'>;
  readonly accessTokens: Pick<AccessTokens, 'readClaims'>;
  readonly authorize: Authorize;
  readonly clock: Clock;
}

export type IntrospectToken = (actor: UserActor, input: { readonly token: string }) => Promise<TokenIntrospection>;

const inactive = { active: false } as const;

/**
 * Whether a token is good at this moment, and whose it is: only while its session lives. Anything that is told here serves
 * whoever found a token somewhere, so it takes a permission (RFC 7662, 2.1), and of other organisations' tokens nothing is
 * told (RFC 7662, 4). Where the token was presented is unknown here: bindings to a place are not looked at. It is no use of
 * the session. Throws UnauthenticatedError and ForbiddenError.
 */
export const introspectToken = (deps: IntrospectTokenDeps): IntrospectToken => {
  const { unitOfWork, sessions, refreshTokens, accessTokens, authorize, clock } = deps;

  async function ofRefreshToken(token: string): Promise<TokenIntrospection> {
    return unitOfWork.hotTransaction(async (tx) => {
      const found = await refreshTokens.findAndLock(tx, hashOpaqueToken(token));
      const owner = found && (await sessions.findInTransaction(tx, found.sessionId));
      const now = clock.now();
      if (!found || found.consumedAt || now >= found.expiresAt) return inactive;
      if (!owner || !isLive(owner.session, now) || owner.userStatus !== 'active') return inactive;
      const expiresAt = earlier(found.expiresAt, endOf(owner.session));
      return { ...toldOf(owner.session), kind: 'refresh_token', expiresAt, claims: null };
    });
  }

  async function ofAccessToken(token: string): Promise<TokenIntrospection> {
    const claims = await accessTokens.readClaims(token);
    const found = await sessions.findById(claims.sid);
    if (!found || !isLive(found.session, clock.now()) || found.user.status !== 'active') return inactive;
    const expiresAt = earlier(new Date(claims.exp * 1000), endOf(found.session));
    return { ...toldOf(found.session), kind: 'access_token', expiresAt, claims };
  }

  async function ofSessionToken(token: string): Promise<TokenIntrospection> {
    const found = await sessions.findByTokenHash(hashOpaqueToken(token));
    if (!found || !isLive(found.session, clock.now()) || found.user.status !== 'active') return inactive;
    return { ...toldOf(found.session), kind: 'session_token', expiresAt: endOf(found.session), claims: null };
  }

  async function find(token: string): Promise<TokenIntrospection> {
    if (isOpaqueToken(refreshTokenPrefix, token)) return ofRefreshToken(token);
    if (isOpaqueToken(sessionTokenPrefix, token)) return ofSessionToken(token);
    try {
      return await ofAccessToken(token);
    } catch (error) {
      if (error instanceof AccessTokenInvalidError) return inactive;
      throw error;
    }
  }

  return async (actor, { token }) => {
    await authorize(actor, 'token:introspect');
    const found = await find(token);
    return found.active && found.organisationId === actor.organisationId ? found : inactive;
  };
};

/** A token is worth nothing after its session, which may have been shortened since it was issued. */
function endOf({ idleExpiresAt, expiresAt }: Session): Date {
  return earlier(idleExpiresAt, expiresAt);
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

function toldOf({ id: sessionId, userId, organisationId, authTime, amr, dpopJkt }: Session) {
  return { active: true, userId, sessionId, organisationId, authTime, amr, acr: acrOf(amr), dpopJkt } as const;
}
