import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';

export const nonceBytes = 12;
export const tagBytes = 16;

const cipher = 'aes-256-gcm';

/** AES-256-GCM (NIST SP 800-38D): ciphertext and the 128-bit tag behind it. A nonce must never repeat under one key. */
export function encryptAes256Gcm(key: Buffer | KeyObject, nonce: Buffer, plaintext: Buffer, associatedData: Buffer): Buffer {
  const encryption = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  encryption.setAAD(associatedData);
  return Buffer.concat([encryption.update(plaintext), encryption.final(), encryption.getAuthTag()]);
}

/** Undoes `encryptAes256Gcm`. Throws, and gives no plaintext, when anything was changed. */
export function decryptAes256Gcm(
  key: Buffer | KeyObject,
  nonce: Buffer,
  ciphertextAndTag: Buffer,
  associatedData: Buffer,
): Buffer {
  if (ciphertextAndTag.length < tagBytes) throw new RangeError('shorter than an authentication tag');
  const decryption = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes });
  decryption.setAAD(associatedData);
  decryption.setAuthTag(ciphertextAndTag.subarray(-tagBytes));
  return Buffer.concat([decryption.update(ciphertextAndTag.subarray(0, -tagBytes)), decryption.final()]);
}
