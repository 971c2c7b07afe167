import type { IncomingHttpHeaders } from 'node:http';
import { AccessTokenInvalidError, type Credential, type RequestTarget } from '#capabilities/sessions/index.ts';
import { OriginRefusedError } from './graphql.errors.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface CredentialReader {
  /**
   * The credential of a request or of a WebSocket handshake, null for none. An Authorization header outranks the cookie.
   * Throws AccessTokenInvalidError for any Authorization that is neither a Bearer nor a DPoP token (RFC 6750, 2.1; RFC 9449,
   * 7.1), and OriginRefusedError for a cookie that a foreign page sent.
   */
  read(headers: IncomingHttpHeaders, target: RequestTarget): Credential | null;
  /** The same without the cookie, for doors that no page acts at. */
  readAuthorization(headers: IncomingHttpHeaders, target: RequestTarget): Credential | null;
  fromAuthorization(value: string, proof: string | undefined, target: RequestTarget): Credential;
  originAllowed(origin: string): boolean;
}

export function createCredentialReader(options: {
  readonly cookie: SessionCookie;
  readonly allowedOrigins: readonly string[];
}): CredentialReader {
  const allowed = new Set(options.allowedOrigins);

  function fromAuthorization(value: string, proof: string | undefined, target: RequestTarget): Credential {
    const [, scheme, token] = /^(Bearer|DPoP) ([A-Za-z0-9._~+/-]+=*)$/i.exec(value) ?? [];
    if (scheme === undefined || token === undefined) throw new AccessTokenInvalidError();
    return scheme.toLowerCase() === 'bearer' ? { kind: 'bearer', token } : { kind: 'dpop', token, proof, target };
  }

  /** A browser says where a request comes from. What says nothing is no browser and has no cookie that it was not given. */
  function comesFromOwnPage({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (origin !== undefined) return allowed.has(origin);
    return site === undefined || site === 'same-origin';
  }

  function readAuthorization(headers: IncomingHttpHeaders, target: RequestTarget): Credential | null {
    return headers.authorization === undefined ? null : fromAuthorization(headers.authorization, proofOf(headers), target);
  }

  return {
    read: (headers, target) => {
      const credential = readAuthorization(headers, target);
      if (credential) return credential;
      const token = options.cookie.read(headers.cookie);
      if (token === undefined) return null;
      if (!comesFromOwnPage(headers)) throw new OriginRefusedError();
      return { kind: 'cookie', token };
    },
    readAuthorization,
    fromAuthorization,
    originAllowed: (origin) => allowed.has(origin),
  };
}

/** The DPoP header. Node joins two of them by a comma, which makes them no proof (RFC 9449, 4.3). */
export function proofOf({ dpop }: IncomingHttpHeaders): string | undefined {
  return typeof dpop === 'string' ? dpop : undefined;
}
