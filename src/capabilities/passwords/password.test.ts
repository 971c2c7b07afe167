import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPasswordLength, parsePassword, passwordLength } from './password.ts';

function read(text: string): string {
  const parsed = parsePassword(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value.reveal();
}

describe('a password', () => {
  it('is the same from keyboards that compose differently', () => {
    expect(read('cafe\u0301 au lait')).toBe(read('caf\u00e9 au lait'));
  });

  it('takes every space for a space and keeps all of them', () => {
    expect(read(' two\u00a0 words\u3000')).toBe(' two  words ');
  });

  it.each(['ＷＩＤＥ', 'UPPER lower', '\u200b', 'tab\tand\nline', '🔑🔑', ''])('keeps %j', (text) => {
    expect(read(text)).toBe(text);
  });

  it('may have 1,024 code points, whatever they cost in octets', () => {
    expect(passwordLength(read('🔑'.repeat(maxPasswordLength)))).toBe(1024);
    expect(parsePassword('🔑'.repeat(maxPasswordLength + 1))).toEqual({ ok: false, problem: 'TOO_LONG' });
    expect(parsePassword('a'.repeat(maxPasswordLength + 1))).toEqual({ ok: false, problem: 'TOO_LONG' });
    expect(parsePassword('a'.repeat(50_000_000))).toEqual({ ok: false, problem: 'TOO_LONG' });
  });

  it('is measured after composing', () => {
    expect(passwordLength(read('e\u0301'.repeat(maxPasswordLength)))).toBe(1024);
  });

  it.each(['\0', 'before\0after', '\ud800', 'a\udc00b'])('cannot be %j, which is no text', (text) => {
    expect(parsePassword(text)).toEqual({ ok: false, problem: 'NOT_TEXT' });
  });

  it('does not show itself', () => {
    const parsed = parsePassword('correct horse battery');
    for (const shown of [inspect(parsed), JSON.stringify(parsed), parsed.ok ? `${parsed.value}` : '']) {
      expect(shown).not.toContain('horse');
    }
  });

  it('reads the same again, and never has more than 4,096 octets', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 64 }), (text) => {
        const parsed = parsePassword(text);
        if (!parsed.ok) {
          expect(text).toContain('\0');
          return;
        }
        expect(read(parsed.value.reveal())).toBe(parsed.value.reveal());
        expect(Buffer.byteLength(parsed.value.reveal())).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 500 },
    );
  });
});
