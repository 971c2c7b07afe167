import type { IncomingHttpHeaders } from 'node:http';
import { AccessTokenInvalidError, type Credential } from '#capabilities/sessions/index.ts';
import { OriginRefusedError } from './graphql.errors.ts';
import type { SessionCookie } from './session-cookie.ts';

export interface CredentialReader {
  /**
   * The credential of a request or of a WebSocket handshake, null for none. An Authorization header outranks the cookie.
   * Throws AccessTokenInvalidError for any Authorization that is no Bearer token (RFC 6750, 2.1), and OriginRefusedError
   * for a cookie that a foreign page sent.
   */
  read(headers: IncomingHttpHeaders): Credential | null;
  fromAuthorization(value: string): Credential;
  originAllowed(origin: string): boolean;
}

export function createCredentialReader(options: {
  readonly cookie: SessionCookie;
  readonly allowedOrigins: readonly string[];
}): CredentialReader {
  const allowed = new Set(options.allowedOrigins);

  function fromAuthorization(value: string): Credential {
    const token = /^Bearer ([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
    if (token === undefined) throw new AccessTokenInvalidError();
    return { kind: 'bearer', token };
  }

  /** A browser says where a request comes from. What says nothing is no browser and has no cookie that it was not given. */
  function comesFromOwnPage({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
    if (origin !== undefined) return allowed.has(origin);
    return site === undefined || site === 'same-origin';
  }

  return {
    read: (headers) => {
      if (headers.authorization !== undefined) return fromAuthorization(headers.authorization);
      const token = options.cookie.read(headers.cookie);
      if (token === undefined) return null;
      if (!comesFromOwnPage(headers)) throw new OriginRefusedError();
      return { kind: 'cookie', token };
    },
    fromAuthorization,
    originAllowed: (origin) => allowed.has(origin),
  };
}
