import { verify } from 'node:crypto';
import { ecdsaSignatureToDer } from './ecdsa-signature.ts';
import { algorithmFacts } from './jws-algorithms.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * Whether `signature` is one by this key over these bytes, by the key's own algorithm (RFC 7518, 3; RFC 8037, 3.1).
 * Synchronous; never throws.
 */
export function isSignedBy(
  { algorithm, verifyInput, signatureBytes }: VerificationKey,
  signed: Buffer,
  signature: Buffer,
): boolean {
  if (signature.length !== signatureBytes) return false;
  const { kty, hash } = algorithmFacts[algorithm];
  try {
    return verify(hash, signed, verifyInput, kty === 'EC' ? ecdsaSignatureToDer(signature) : signature);
  } catch {
    // OpenSSL throws, instead of saying no, for some numbers that are out of range.
    return false;
  }
}
