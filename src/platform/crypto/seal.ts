import { createSecretKey, randomBytes } from 'node:crypto';
import type { Secret } from '#kernel/secret.ts';
import { decryptAes256Gcm, encryptAes256Gcm, nonceBytes, tagBytes } from './aes-gcm.ts';
import { deriveKey } from './derive-key.ts';

/** Authenticated encryption for data at rest. */
export interface Sealer {
  /** Encrypts. `context` says what the data belongs to (a table and a row, say); `open` must be given the same. */
  seal(plaintext: Buffer, context: string): Buffer;
  /** Decrypts. Throws SealBrokenError when a byte was changed, or the context, the purpose or the master key is another. */
  open(sealed: Buffer, context: string): Buffer;
}

/** Sealed data could not be opened. Says nothing of why: there is nothing for a caller to learn from it. */
export class SealBrokenError extends Error {
  constructor(options?: { readonly cause?: unknown }) {
    super('sealed data was changed, or belongs to another context, purpose or master key', options);
    this.name = 'SealBrokenError';
  }
}

const version = 1;
const versionByte = Buffer.from([version]);
const headerBytes = 1 + nonceBytes;

/**
 * AES-256-GCM under a key of its own for `purpose`, derived from the master key. Layout: version (1), random nonce (12),
 * ciphertext, tag (16); version and context are authenticated. With random 96-bit nonces one purpose may seal up to 2^32
 * pieces (NIST SP 800-38D, 8.3).
 */
export function createSealer(masterKey: Secret<Buffer>, purpose: string): Sealer {
  return sealerWith(deriveKey(masterKey, 'seal', purpose));
}

/** The same under a key of the caller's own, of 32 bytes. */
export function sealerWith(bytes: Buffer): Sealer {
  const key = createSecretKey(bytes);
  return {
    seal(plaintext, context) {
      const nonce = randomBytes(nonceBytes);
      return Buffer.concat([versionByte, nonce, encryptAes256Gcm(key, nonce, plaintext, associated(context))]);
    },
    open(sealed, context) {
      if (sealed.length < headerBytes + tagBytes || sealed[0] !== version) throw new SealBrokenError();
      try {
        return decryptAes256Gcm(key, sealed.subarray(1, headerBytes), sealed.subarray(headerBytes), associated(context));
      } catch (cause) {
        throw new SealBrokenError({ cause });
      }
    },
  };
}

function associated(context: string): Buffer {
  return Buffer.concat([versionByte, Buffer.from(context, 'utf8')]);
}
