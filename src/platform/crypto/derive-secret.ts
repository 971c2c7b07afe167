import { Secret } from '#kernel/secret.ts';
import { deriveKey } from './derive-key.ts';

/** A key of 32 octets for a purpose of the caller's own, bound to that purpose (RFC 5869). */
export function deriveSecret(masterKey: Secret<Buffer>, purpose: string): Secret<Buffer> {
  return new Secret(deriveKey(masterKey, 'keyed-hash', purpose));
}
