import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64url } from './base64url.ts';

describe('decodeBase64url', () => {
  it('reads back every byte string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeBase64url(Buffer.from(bytes).toString('base64url'))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    ['padding', 'Zm8='],
    ['a space', 'Zm 8'],
    ['a line break at the end', 'Zm8\n'],
    ['a letter of plain base64', '+/8'],
    ['stray trailing bits', 'Zm9'],
    ['a lone last character', 'Zm9vY'],
    ['a character of no alphabet', 'Zm*v'],
    ['a letter beyond ASCII', 'Zm9\u00e9'],
    ['a character whose low byte is a letter', 'Zm9\u0176'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64url(text)).toBeUndefined();
  });
});
