import { createHmac, createSecretKey } from 'node:crypto';
import type { Secret } from '#kernel/secret.ts';
import { deriveKey } from './derive-key.ts';

/** Hashes a value under a key that is not in the database, so that a copy of it can't be searched by guessing values. */
export type KeyedHash = (value: string | Buffer) => Buffer;

/** HMAC-SHA256 (RFC 2104) under a key of its own for `purpose`; 32 bytes. A string is hashed as UTF-8. */
export function createKeyedHash(masterKey: Secret<Buffer>, purpose: string): KeyedHash {
  // Given as bytes, it would be made a key again for each value, at six times the cost of the hash.
  const key = createSecretKey(deriveKey(masterKey, 'keyed-hash', purpose));
  return (value) => createHmac('sha256', key).update(value).digest();
}
