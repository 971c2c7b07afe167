import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createSealer, SealBrokenError } from './seal.ts';

const masterKey = new Secret(Buffer.alloc(32, 7));
const bytes = (options?: fc.IntArrayConstraints) => fc.uint8Array(options).map((array) => Buffer.from(array));

describe('createSealer', () => {
  const sealer = createSealer(masterKey, 'signing-keys');

  it('opens what it sealed, in the same context', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 300 }), fc.string({ unit: 'grapheme' }), (plaintext, context) => {
        expect(sealer.open(sealer.seal(plaintext, context), context)).toEqual(plaintext);
      }),
    );
  });

  it('refuses when any one byte is changed, anywhere', () => {
    fc.assert(
      fc.property(bytes({ maxLength: 60 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (plaintext, position, mask) => {
        const sealed = sealer.seal(plaintext, 'row 1');
        const at = position % sealed.length;
        sealed[at] = (sealed[at] ?? 0) ^ mask;
        expect(() => sealer.open(sealed, 'row 1')).toThrow(SealBrokenError);
      }),
    );
  });

  it('refuses when it is cut or lengthened at either end', () => {
    const sealed = sealer.seal(Buffer.from('private key'), 'row 1');
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => sealer.open(sealed.subarray(0, length), 'row 1'), `first ${length} bytes`).toThrow(SealBrokenError);
      expect(() => sealer.open(sealed.subarray(sealed.length - length), 'row 1'), `last ${length} bytes`).toThrow(
        SealBrokenError,
      );
    }
    expect(() => sealer.open(Buffer.concat([sealed, Buffer.from([0])]), 'row 1')).toThrow(SealBrokenError);
  });

  it('refuses a row that was copied over another', () => {
    const sealed = sealer.seal(Buffer.from('private key'), 'row 1');
    for (const context of ['row 2', 'row 1 ', 'ROW 1', '']) {
      expect(() => sealer.open(sealed, context), context).toThrow(SealBrokenError);
    }
  });

  it('refuses what was sealed for another purpose or under another master key', () => {
    const sealed = sealer.seal(Buffer.from('private key'), 'row 1');
    expect(() => createSealer(masterKey, 'mail').open(sealed, 'row 1')).toThrow(SealBrokenError);
    expect(() => createSealer(new Secret(Buffer.alloc(32, 8)), 'signing-keys').open(sealed, 'row 1')).toThrow(SealBrokenError);
    expect(createSealer(masterKey, 'signing-keys').open(sealed, 'row 1').toString()).toBe('private key');
  });

  it('refuses another version byte and parts of two seals put together', () => {
    const [one, two] = [sealer.seal(Buffer.from('same length 1'), 'row 1'), sealer.seal(Buffer.from('same length 2'), 'row 1')];
    for (const version of [0, 2, 255]) {
      expect(() => sealer.open(Buffer.concat([Buffer.from([version]), one.subarray(1)]), 'row 1')).toThrow(SealBrokenError);
    }
    expect(() => sealer.open(Buffer.concat([one.subarray(0, 13), two.subarray(13)]), 'row 1')).toThrow(SealBrokenError);
    expect(() => sealer.open(Buffer.concat([one.subarray(0, -16), two.subarray(-16)]), 'row 1')).toThrow(SealBrokenError);
  });

  it('never seals the same text to the same bytes, and never repeats a nonce', () => {
    const nonces = Array.from({ length: 500 }, () => sealer.seal(Buffer.from('x'), 'row 1').subarray(1, 13).toString('hex'));
    expect(new Set(nonces).size).toBe(500);
  });

  it('leaves neither the plaintext nor the context readable', () => {
    const sealed = sealer.seal(Buffer.from('someone@example.com'), 'user usr_1');
    expect(sealed.includes('someone')).toBe(false);
    expect(sealed.includes('usr_1')).toBe(false);
  });

  it('refuses a master key under 32 bytes and an empty purpose', () => {
    expect(() => createSealer(new Secret(Buffer.alloc(31)), 'mail')).toThrow(RangeError);
    expect(() => createSealer(masterKey, '')).toThrow(RangeError);
  });
});
