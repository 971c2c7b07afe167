import { createHmac, createSecretKey } from 'node:crypto';
import type { Secret } from '#kernel/secret.ts';
import { deriveKey } from './derive-key.ts';
import { sealerWith } from './seal.ts';

/** One entry of a store that others can read and write. */
export interface SealedEntry {
  /** Where it stands there, 32 letters of base64url: says nothing of what it is the entry of. */
  readonly name: string;
  seal(plaintext: Buffer): Buffer;
  /** Throws SealBrokenError for anything but what was sealed for this very entry. */
  open(sealed: Buffer): Buffer;
}

export type SealedEntries = (id: Buffer) => SealedEntry;

const nameBytes = 24;
const keyBytes = 32;

/**
 * Names and keys for entries in a store that is not trusted. Both halves come from one HMAC-SHA512 of the id under a key of
 * its own for `purpose`: what stands at one name opens at no other, and no key comes near the 2^32 pieces that one may seal
 * (NIST SP 800-38D, 8.3), however many entries are written over the years.
 */
export function createSealedEntries(masterKey: Secret<Buffer>, purpose: string): SealedEntries {
  const key = createSecretKey(deriveKey(masterKey, 'keyed-hash', purpose));
  return (id) => {
    const derived = createHmac('sha512', key).update(id).digest();
    const name = derived.subarray(0, nameBytes).toString('base64url');
    const sealer = sealerWith(derived.subarray(-keyBytes));
    return {
      name,
      seal: (plaintext) => sealer.seal(plaintext, name),
      open: (sealed) => sealer.open(sealed, name),
    };
  };
}
