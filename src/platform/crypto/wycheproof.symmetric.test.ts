import { describe, expect, it } from 'vitest';
import { readWycheproof, titleOf, type WycheproofGroup, type WycheproofTest } from '#tests/vectors/wycheproof.ts';
import { decryptAes256Gcm, encryptAes256Gcm } from './aes-gcm.ts';
import { hkdfSha256 } from './derive-key.ts';

interface AeadTest extends WycheproofTest {
  readonly key: string;
  readonly iv: string;
  readonly aad: string;
  readonly msg: string;
  readonly ct: string;
  readonly tag: string;
}

interface AeadGroup extends WycheproofGroup<AeadTest> {
  readonly keySize: number;
  readonly ivSize: number;
  readonly tagSize: number;
}

interface HkdfTest extends WycheproofTest {
  readonly ikm: string;
  readonly salt: string;
  readonly info: string;
  readonly size: number;
  readonly okm: string;
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');

// What the sealer uses: 256-bit keys, 96-bit nonces, 128-bit tags. The other groups are for sizes that it never makes.
describe('Wycheproof aes_gcm, 256-bit keys and 96-bit nonces', () => {
  const cases = readWycheproof<AeadGroup>('aes_gcm')
    .testGroups.filter(({ keySize, ivSize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128)
    .flatMap(({ tests }) => tests.map((test) => ({ ...test, title: titleOf(test) })));

  it('has some', () => {
    expect(cases.length).toBeGreaterThan(50);
  });

  it.each(cases)('$title', ({ key, iv, aad, msg, ct, tag, result }) => {
    const open = () => decryptAes256Gcm(bytes(key), bytes(iv), bytes(ct + tag), bytes(aad)).toString('hex');
    if (result === 'valid') {
      expect(open()).toBe(msg);
      expect(encryptAes256Gcm(bytes(key), bytes(iv), bytes(msg), bytes(aad)).toString('hex')).toBe(ct + tag);
    } else {
      expect(open).toThrow();
    }
  });
});

describe('Wycheproof hkdf_sha256', () => {
  const cases = readWycheproof<WycheproofGroup<HkdfTest>>('hkdf_sha256').testGroups.flatMap(({ tests }) =>
    tests.map((test) => ({ ...test, title: titleOf(test) })),
  );

  it.each(cases)('$title', ({ ikm, salt, info, size, okm, result }) => {
    const derive = () => hkdfSha256(bytes(ikm), bytes(salt), bytes(info), size).toString('hex');
    if (result === 'valid') expect(derive()).toBe(okm);
    else expect(derive).toThrow();
  });
});
