import type { KeyRing } from '#capabilities/keys/index.ts';
import { addSeconds, type Clock, clockToleranceSeconds } from '#kernel/clock.ts';
import { isId, newId, type SessionId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createKnownHeaders, type JwtClaims, type KnownHeaders, signJwt, verifyJwt } from '#platform/crypto/index.ts';
import { acrOf } from './authentication-context.ts';
import type { Session } from './session.ts';
import { AccessTokenInvalidError } from './sessions.errors.ts';
import { createVerifiedTokens, type VerifiedToken, type VerifiedTokens } from './verified-tokens.ts';

export interface IssuedAccessToken {
  readonly token: Secret<string>;
  readonly expiresAt: Date;
  /** How it has to be presented (RFC 6749, 7.1; RFC 9449, 5). */
  readonly type: 'Bearer' | 'DPoP';
}

export interface AccessTokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly accessTokenLifetimeSeconds: number;
  /** Verified tokens that are kept at most; 0 keeps none. */
  readonly cacheEntries: number;
}

export interface AccessTokens {
  /** A signed JWT access token (RFC 9068) for a live session. */
  issue(session: Session): Promise<IssuedAccessToken>;
  /**
   * The session that a token names. Throws AccessTokenInvalidError for any that this deployment did not sign for this
   * purpose or that has expired. Whether the session still lives is another question. Asks nothing but the key ring.
   */
  verify(token: string): Promise<SessionId>;
  /** All that such a token claims. Throws as `verify` does. */
  readClaims(token: string): Promise<AccessTokenClaims>;
  /** How often `verify` knew the token from before. */
  stats: VerifiedTokens['stats'];
}

export type AccessTokenClaims = JwtClaims & { readonly sid: SessionId };

const type = 'at+jwt';
const algorithms = ['ES256', 'EdDSA'] as const;
// RFC 9068, 2.2 wants a client. A first party that signs people in by itself is the deployment's own.
const firstPartyClient = 'first-party';

export function createAccessTokens({
  keyRing,
  settings,
  clock,
}: {
  readonly keyRing: KeyRing;
  readonly settings: AccessTokenSettings;
  readonly clock: Clock;
}): AccessTokens {
  const { issuer, audience } = settings;

  const knownHeaders = createKnownHeaders();
  const verified = createVerifiedTokens({ verify: verifyInFull, keyRing, clock, maxEntries: settings.cacheEntries });

  async function verifyInFull(token: string): Promise<VerifiedToken> {
    // Unsigned still: the `kid` only picks one of our own published keys.
    const key = await keyRing.verificationKey(keyIdOf(token, knownHeaders));
    if (key === undefined) throw new AccessTokenInvalidError();
    try {
      const claims = verifyJwt(token, {
        keys: () => key,
        algorithms,
        typ: type,
        issuer,
        audience,
        now: clock.now(),
        clockToleranceSeconds,
        knownHeaders,
      });
      if (!hasSession(claims)) throw new AccessTokenInvalidError();
      return { claims, key };
    } catch (error) {
      throw error instanceof AccessTokenInvalidError ? error : new AccessTokenInvalidError({ cause: error });
    }
  }

  return {
    issue: async (session) => {
      const now = clock.now();
      const wanted = addSeconds(now, settings.accessTokenLifetimeSeconds);
      const expiresAt = wanted < session.expiresAt ? wanted : session.expiresAt;
      const claims = {
        iss: issuer,
        aud: audience,
        sub: session.userId,
        client_id: firstPartyClient,
        sid: session.id,
        org: session.organisationId,
        jti: newId('jti'),
        iat: toSeconds(now),
        exp: toSeconds(expiresAt),
        auth_time: toSeconds(session.authTime),
        amr: session.amr,
        acr: acrOf(session.amr),
        // RFC 9449, 6.1. Our own doors ask the session, whose binding never changes.
        ...(session.dpopJkt === null ? {} : { cnf: { jkt: session.dpopJkt } }),
      };
      const token = new Secret(signJwt(claims, await keyRing.signingKey(), { typ: type }));
      return { token, expiresAt, type: session.dpopJkt === null ? 'Bearer' : 'DPoP' };
    },
    verify: verified.sessionOf,
    readClaims: async (token) => (await verifyInFull(token)).claims,
    stats: verified.stats,
  };
}

function hasSession(claims: JwtClaims): claims is AccessTokenClaims {
  return isId('ses', claims['sid']);
}

function keyIdOf(token: string, knownHeaders: KnownHeaders): string {
  const text = token.slice(0, Math.max(0, token.indexOf('.')));
  const known = knownHeaders.find(text, algorithms);
  if (known?.kid !== undefined) return known.kid;
  try {
    const header: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof header === 'object' && header !== null && 'kid' in header && isId('key', header.kid) ? header.kid : '';
  } catch {
    return '';
  }
}

function toSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
