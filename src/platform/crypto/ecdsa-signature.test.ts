import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ecdsaSignatureToDer } from './ecdsa-signature.ts';

const curves = [
  ['P-256', 'sha256', 32],
  ['P-384', 'sha384', 48],
  ['P-521', 'sha512', 66],
] as const;

/** Reads strict DER back: a sequence of two positive integers without needless bytes. */
function numbersOf(der: Buffer): bigint[] {
  const long = der[1] === 0x81;
  const start = long ? 3 : 2;
  expect(der[0]).toBe(0x30);
  expect(der[start - 1]).toBe(der.length - start);
  expect(long).toBe(der.length - start >= 0x80);
  const numbers: bigint[] = [];
  for (let at = start; at < der.length; ) {
    const size = der[at + 1] ?? 0;
    const body = der.subarray(at + 2, at + 2 + size);
    expect(der[at]).toBe(0x02);
    expect(body).toHaveLength(size);
    expect((body[0] ?? 0xff) < 0x80).toBe(true);
    if (size > 1 && body[0] === 0) expect((body[1] ?? 0) >= 0x80).toBe(true);
    numbers.push(BigInt(`0x${body.toString('hex')}`));
    at += 2 + size;
  }
  return numbers;
}

const hex = (number: bigint, bytes: number) => number.toString(16).padStart(2 * bytes, '0');

describe.each(curves)('a signature by %s', (namedCurve, hash, bytes) => {
  it('is in DER what it was side by side, whatever its numbers are', () => {
    const most = 2n ** BigInt(8 * bytes) - 1n;
    const edges = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x100n, most >> 1n, (most >> 1n) + 1n, most >> 8n, most];
    const number = fc.oneof(fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: most }));
    fc.assert(
      fc.property(number, number, (r, s) => {
        const der = ecdsaSignatureToDer(Buffer.from(hex(r, bytes) + hex(s, bytes), 'hex'));
        expect(numbersOf(der)).toEqual([r, s]);
      }),
    );
  });

  it('is verified by OpenSSL exactly as Node has it by dsaEncoding', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
    for (let count = 0; count < 10; count += 1) {
      const data = Buffer.from(`${count}`);
      const signature = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      expect(verify(hash, data, publicKey, ecdsaSignatureToDer(signature))).toBe(true);
      signature[count % signature.length] = (signature[count % signature.length] ?? 0) ^ 1;
      expect(verify(hash, data, publicKey, ecdsaSignatureToDer(signature))).toBe(false);
    }
  });
});
