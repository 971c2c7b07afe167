import { hkdfSync } from 'node:crypto';
import type { Secret } from '#kernel/secret.ts';

const keyBytes = 32;

/** HKDF with SHA-256 (RFC 5869), extract and expand. Throws for more than 255 blocks of output. */
export function hkdfSha256(keyMaterial: Buffer, salt: Buffer, info: Buffer, size: number): Buffer {
  return Buffer.from(hkdfSync('sha256', keyMaterial, salt, info, size));
}

/**
 * A 256-bit key of its own for one use and one purpose. `use` keeps a sealer and a keyed hash apart that were given the
 * same purpose. Throws for a master key under 32 bytes or an empty purpose.
 */
export function deriveKey(masterKey: Secret<Buffer>, use: 'seal' | 'keyed-hash', purpose: string): Buffer {
  const keyMaterial = masterKey.reveal();
  if (keyMaterial.length < keyBytes) throw new RangeError('the master key is shorter than 32 bytes');
  if (purpose === '') throw new RangeError('a derived key needs a purpose');
  return hkdfSha256(keyMaterial, Buffer.alloc(0), Buffer.from(`sallyport/${use}/v1/${purpose}`, 'utf8'), keyBytes);
}
