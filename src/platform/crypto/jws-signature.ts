import { constants, verify } from 'node:crypto';
import { algorithmFacts } from './jws-algorithms.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * Whether `signature` is one by this key over these bytes, by the key's own algorithm (RFC 7518, 3; RFC 8037, 3.1).
 * Synchronous; never throws.
 */
export function isSignedBy(verificationKey: VerificationKey, signed: Buffer, signature: Buffer): boolean {
  const { algorithm, key, signatureBytes } = verificationKey;
  if (signature.length !== signatureBytes) return false;
  const facts = algorithmFacts[algorithm];
  try {
    if (facts.kty === 'OKP') return verify(null, signed, key, signature);
    if (facts.kty === 'EC') return verify(facts.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    if (facts.padding === 'pkcs1') return verify(facts.hash, signed, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return verify(facts.hash, signed, pss, signature);
  } catch {
    // OpenSSL throws, instead of saying no, for some numbers that are out of range.
    return false;
  }
}
