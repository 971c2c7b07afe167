/**
 * The signature algorithms that this product knows (RFC 7518, 3.1; RFC 8037). `none` and the HMAC family are not among them,
 * so no configuration can let them in (RFC 8725, 3.1 and 3.2).
 */
export type JwsAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512';

/** What our own signing keys use; the rest is for verifying what other issuers sign. */
export type SigningAlgorithm = 'ES256' | 'EdDSA';

export type AlgorithmFacts =
  | { readonly kty: 'EC'; readonly crv: 'P-256' | 'P-384' | 'P-521'; readonly hash: string; readonly coordinateBytes: number }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly hash: null }
  | { readonly kty: 'RSA'; readonly hash: string; readonly padding: 'pkcs1' | 'pss' };

export const algorithmFacts: Readonly<Record<JwsAlgorithm, AlgorithmFacts>> = {
  ES256: { kty: 'EC', crv: 'P-256', hash: 'sha256', coordinateBytes: 32 },
  ES384: { kty: 'EC', crv: 'P-384', hash: 'sha384', coordinateBytes: 48 },
  ES512: { kty: 'EC', crv: 'P-521', hash: 'sha512', coordinateBytes: 66 },
  EdDSA: { kty: 'OKP', crv: 'Ed25519', hash: null },
  RS256: { kty: 'RSA', hash: 'sha256', padding: 'pkcs1' },
  RS384: { kty: 'RSA', hash: 'sha384', padding: 'pkcs1' },
  RS512: { kty: 'RSA', hash: 'sha512', padding: 'pkcs1' },
  PS256: { kty: 'RSA', hash: 'sha256', padding: 'pss' },
  PS384: { kty: 'RSA', hash: 'sha384', padding: 'pss' },
  PS512: { kty: 'RSA', hash: 'sha512', padding: 'pss' },
};

export const jwsAlgorithms = Object.keys(algorithmFacts) as readonly JwsAlgorithm[];

export function isJwsAlgorithm(value: unknown): value is JwsAlgorithm {
  return typeof value === 'string' && Object.hasOwn(algorithmFacts, value);
}
