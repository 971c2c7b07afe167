import { z } from 'zod';
import type { FormDoor } from '#transport/http/form-door.ts';
import type { RevokeToken } from './use-cases/revoke-token.ts';

// `token_type_hint` may be there and may be wrong (RFC 7009, 2.1): a token says itself what it is.
const revocation = z.object({ token: z.string().min(1) });

/** Token revocation (RFC 7009) for public clients: whoever holds a token may give it up. */
export function revocationDoor(revokeToken: RevokeToken): FormDoor {
  return {
    path: '/oauth/revoke',
    handle: async (form, origin) => {
      const parsed = revocation.safeParse(form);
      if (!parsed.success) return { status: 400, error: 'invalid_request' };
      await revokeToken({ kind: 'anonymous', origin }, parsed.data);
      return { status: 200 };
    },
  };
}
