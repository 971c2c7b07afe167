import { z } from 'zod';
import { UnauthenticatedError } from '#kernel/errors.ts';
import type { FormDoor, FormRequest } from '#transport/http/form-door.ts';
import type { RequestTarget } from './proof-of-possession.ts';
import type { AuthenticateRequest, Credential } from './use-cases/authenticate-request.ts';
import type { IntrospectToken, TokenIntrospection } from './use-cases/introspect-token.ts';
import type { RevokeToken } from './use-cases/revoke-token.ts';

// `token_type_hint` may be there and may be wrong (RFC 7009, 2.1; RFC 7662, 2.1): a token says itself what it is.
const aboutToken = z.object({ token: z.string().min(1) });

/** Token revocation (RFC 7009) for public clients: whoever holds a token may give it up. */
export function revocationDoor(revokeToken: RevokeToken): FormDoor {
  return {
    path: '/oauth/revoke',
    handle: async (form, { origin }) => {
      const parsed = aboutToken.safeParse(form);
      if (!parsed.success) return { status: 400, error: 'invalid_request' };
      await revokeToken({ kind: 'anonymous', origin }, parsed.data);
      return { status: 200 };
    },
  };
}

export interface IntrospectionDoorDeps {
  readonly introspectToken: IntrospectToken;
  readonly authenticate: AuthenticateRequest;
  /** The access token of a request's Authorization header; null for none. */
  readonly credentialOf: (headers: FormRequest['headers'], target: RequestTarget) => Credential | null;
}

/** Token introspection (RFC 7662) for services that are given tokens. They authenticate by an access token of their own. */
export function introspectionDoor({ introspectToken, authenticate, credentialOf }: IntrospectionDoorDeps): FormDoor {
  const path = '/oauth/introspect';
  return {
    path,
    scope: 'token:introspect',
    handle: async (form, { origin, headers }) => {
      const credential = credentialOf(headers, { method: 'POST', path });
      const principal = credential && (await authenticate(credential, origin));
      if (!principal) throw new UnauthenticatedError();
      const parsed = aboutToken.safeParse(form);
      // Who may not ask learns that, whatever they ask.
      const told = await introspectToken(principal.actor, { token: parsed.data?.token ?? '' });
      return parsed.success ? { status: 200, body: answerOf(told) } : { status: 400, error: 'invalid_request' };
    },
  };
}

/** RFC 7662, 2.2, with `cnf` of RFC 9449, 6.2 and `acr` and `auth_time` of RFC 9470, 6.2. Of an inactive one nothing but that. */
function answerOf(told: TokenIntrospection): object {
  if (!told.active) return { active: false };
  const { kind, claims, dpopJkt, expiresAt, authTime } = told;
  return {
    active: true,
    token_use: kind,
    ...(kind === 'access_token' && { token_type: dpopJkt === null ? 'Bearer' : 'DPoP' }),
    sub: told.userId,
    sid: told.sessionId,
    org: told.organisationId,
    exp: seconds(expiresAt),
    auth_time: seconds(authTime),
    amr: told.amr,
    acr: told.acr,
    ...(dpopJkt !== null && { cnf: { jkt: dpopJkt } }),
    ...(claims && {
      iss: claims['iss'],
      aud: claims['aud'],
      client_id: claims['client_id'],
      iat: claims['iat'],
      jti: claims['jti'],
    }),
  };
}

function seconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
