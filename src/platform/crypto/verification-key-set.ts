import type { JwsAlgorithm } from './jws-algorithms.ts';
import type { JwsHeader } from './jws-header.ts';
import { isJsonObject } from './strict-json.ts';
import { holdsSecretKey, importVerificationKey, JwkInvalidError, type VerificationKey } from './verification-key.ts';

/** Finds the key that a token names; what `verifyJws` takes as `keys`. */
export type FindVerificationKey = (header: JwsHeader) => VerificationKey | undefined;

/**
 * Reads a JWK Set (RFC 7517, 5). Keys that are no verification keys, such as those for encryption or of an unknown type, are
 * left out as the RFC says. The whole set is refused, by JwkInvalidError, when it holds a private or symmetric key, or two
 * usable keys under one `kid`: whoever publishes that has lost control of it.
 */
export function importVerificationKeySet(
  jwks: unknown,
  options: { readonly algorithm?: JwsAlgorithm } = {},
): FindVerificationKey {
  if (!isJsonObject(jwks) || !Array.isArray(jwks['keys'])) throw new JwkInvalidError('a JWK Set has an array `keys`');
  const members: readonly unknown[] = jwks['keys'];
  if (members.some((jwk) => isJsonObject(jwk) && holdsSecretKey(jwk))) {
    throw new JwkInvalidError('the set holds a private or symmetric key');
  }
  const keys = members.flatMap((jwk) => usableKey(jwk, options));
  const named = keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(named).size !== named.length) throw new JwkInvalidError('two keys of the set have the same `kid`');
  return ({ alg, kid }) => {
    const fitting = keys.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
    // A token without a kid is for sets in which only one key can be meant (OpenID Connect Core, 10.1).
    return fitting.length === 1 ? fitting[0] : undefined;
  };
}

function usableKey(jwk: unknown, options: { readonly algorithm?: JwsAlgorithm }): VerificationKey[] {
  try {
    return [importVerificationKey(jwk, options)];
  } catch (error) {
    if (error instanceof JwkInvalidError) return [];
    throw error;
  }
}
