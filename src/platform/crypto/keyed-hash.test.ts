import { createHmac, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { deriveKey } from './derive-key.ts';
import { createKeyedHash } from './keyed-hash.ts';

const masterKey = new Secret(Buffer.alloc(32, 7));

describe('createKeyedHash', () => {
  it('is HMAC-SHA256 under the HKDF of the master key', () => {
    const key = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 7), '', 'sallyport/keyed-hash/v1/addresses', 32));
    const expected = createHmac('sha256', key).update('someone@example.com').digest();
    expect(createKeyedHash(masterKey, 'addresses')('someone@example.com')).toEqual(expected);
  });

  it('gives the same for a string and its UTF-8 bytes, and 32 bytes always', () => {
    const hash = createKeyedHash(masterKey, 'addresses');
    expect(hash('größe')).toEqual(hash(Buffer.from('größe', 'utf8')));
    expect(hash('')).toHaveLength(32);
  });

  it('differs by value, by purpose and by master key', () => {
    const hashes = [
      createKeyedHash(masterKey, 'addresses')('a'),
      createKeyedHash(masterKey, 'addresses')('b'),
      createKeyedHash(masterKey, 'devices')('a'),
      createKeyedHash(new Secret(Buffer.alloc(32, 8)), 'addresses')('a'),
    ];
    expect(new Set(hashes.map((hash) => hash.toString('hex'))).size).toBe(4);
  });
});

describe('deriveKey', () => {
  it('gives a sealer and a keyed hash of the same purpose different keys', () => {
    expect(deriveKey(masterKey, 'seal', 'mail')).not.toEqual(deriveKey(masterKey, 'keyed-hash', 'mail'));
  });
});
