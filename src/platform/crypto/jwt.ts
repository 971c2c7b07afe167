import type { SigningKey } from './jwk.ts';
import { signJws, type VerifyJwsOptions, verifyJws } from './jws.ts';
import { parseJsonObject } from './jws-header.ts';
import { JwsInvalidError } from './jws-invalid.ts';

/** JSON Web Token (RFC 7519) as a profile of `jws.ts`: what is claimed, by whom, for whom, until when. */

/** Claims of a verified token. Those of RFC 7519, 4.1 have the right types; all others are still to be checked. */
export interface JwtClaims {
  readonly iss: string;
  readonly aud: string | readonly string[];
  /** Seconds since 1970, as are `iat` and `nbf`. */
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly sub?: string;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/** What says when a token is good, in seconds since 1970. */
export type JwtTimes = Pick<JwtClaims, 'exp' | 'nbf' | 'iat'>;

export interface VerifyJwtOptions extends VerifyJwsOptions {
  /** The one `typ` that is accepted, such as `at+jwt`: keeps tokens of one kind from passing for another (RFC 8725, 3.11). */
  readonly typ: string;
  /** Also accepts a token without `typ`, as the ID tokens of many OpenID providers are. */
  readonly typOptional?: boolean;
  readonly issuer: string;
  /** Who we are: must be the `aud`, or one of them. */
  readonly audience: string;
  readonly now: Date;
  /** How far the issuer's clock may be off, in seconds. */
  readonly clockToleranceSeconds: number;
}

/** Signs a claims set. The caller gives all claims, `exp` included. */
export function signJwt(claims: JwtClaims, key: SigningKey, options: { readonly typ: string }): string {
  return signJws(JSON.stringify(claims), key, options);
}

/**
 * Verifies a token and its claims; the signature comes first, so that nothing unsigned is ever looked at.
 * `exp` is required. Throws JwsInvalidError.
 */
export function verifyJwt(token: string, options: VerifyJwtOptions): JwtClaims {
  const { header, payload } = verifyJws(token, options);
  refuseOtherType(header.typ, options);
  const claims = parseJsonObject(payload);
  if (claims === undefined || !hasClaimTypes(claims)) throw new JwsInvalidError('claims');
  if (claims.iss !== options.issuer) throw new JwsInvalidError('issuer');
  const audiences = typeof claims.aud === 'string' ? [claims.aud] : claims.aud;
  if (!audiences.includes(options.audience)) throw new JwsInvalidError('audience');
  const problem = timeProblem(claims, options);
  if (problem !== undefined) throw new JwsInvalidError(problem);
  return claims;
}

function refuseOtherType(typ: string | undefined, options: VerifyJwtOptions): void {
  if (typ === options.typ || (typ === undefined && options.typOptional === true)) return;
  if (typ === undefined || mediaType(typ) !== mediaType(options.typ)) throw new JwsInvalidError('type');
}

/** RFC 7515, 4.1.9: a media type, in any case, whose `application/` may be left out. */
function mediaType(typ: string): string {
  const lower = typ.toLowerCase();
  return lower.includes('/') ? lower : `application/${lower}`;
}

function hasClaimTypes(claims: Readonly<Record<string, unknown>>): claims is JwtClaims {
  const { iss, aud, exp, iat, nbf, sub, jti } = claims;
  return (
    isText(iss) &&
    (isText(aud) || (Array.isArray(aud) && aud.length > 0 && aud.every(isText))) &&
    isNumericDate(exp) &&
    [iat, nbf].every((date) => date === undefined || isNumericDate(date)) &&
    [sub, jti].every((text) => text === undefined || isText(text))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isNumericDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Why a token is not good at `now`; undefined when it is (RFC 7519, 4.1.4 to 4.1.6). */
export function timeProblem(
  { exp, nbf, iat }: JwtTimes,
  { now, clockToleranceSeconds }: Pick<VerifyJwtOptions, 'now' | 'clockToleranceSeconds'>,
): 'expired' | 'not_yet_valid' | undefined {
  const seconds = now.getTime() / 1000;
  // Written so that a clock or tolerance that is NaN refuses.
  if (!(seconds < exp + clockToleranceSeconds)) return 'expired';
  if (nbf !== undefined && !(nbf <= seconds + clockToleranceSeconds)) return 'not_yet_valid';
  if (iat !== undefined && !(iat <= seconds + clockToleranceSeconds)) return 'not_yet_valid';
  return undefined;
}
