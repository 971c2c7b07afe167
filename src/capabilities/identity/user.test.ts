import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { canSignIn, createUser, parseDisplayName, reactivateUser, renameUser, suspendUser } from './user.ts';

const createdAt = new Date('2026-01-01T00:00:00Z');

describe('a display name', () => {
  it.each([
    ['white space around it', '  Ada Lovelace\n', 'Ada Lovelace'],
    ['composition', 'Jose\u0301', 'Jos\u00e9'],
    ['an emoji with joiners', '👩‍🚀', '👩‍🚀'],
    ['a joiner inside a Persian name', 'علی\u200cرضا', 'علی\u200cرضا'],
    ['100 code points outside the BMP', '𝒜'.repeat(100), '𝒜'.repeat(100)],
    ['one letter', '王', '王'],
  ])('keeps to NFC and trims: %s', (_, input, expected) => {
    expect(parseDisplayName(input)).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['nothing', ''],
    ['white space alone', ' \u00a0\u3000 '],
    ['zero-width characters alone', '\u200b\u200d\ufeff'],
    ['Hangul fillers alone', '\u3164\u3164'],
    ['an empty Braille pattern', '\u2800'],
    ['a combining mark alone', '\u0301'],
    ['a mail header', 'Ada\r\nBcc: eve@example.com'],
    ['an escape sequence', 'Ada\u001b[31m'],
    ['a line separator', 'Ada\u2028Lovelace'],
    ['a right-to-left override', 'Ada \u202egnp.exe'],
    ['an isolate', 'Ada \u2067x'],
    ['a lone surrogate', 'Ada\udc00'],
    ['101 code points', 'a'.repeat(101)],
    ['megabytes', 'a'.repeat(5_000_000)],
  ])('is refused: %s', (_, input) => {
    expect(parseDisplayName(input).ok).toBe(false);
  });

  it('is the same when it is read again, whatever was read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (input) => {
        const parsed = parseDisplayName(input);
        if (parsed.ok) expect(parseDisplayName(parsed.value)).toEqual(parsed);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a user', () => {
  const user = createUser({ id: newId('usr'), displayName: ' Ada ', createdAt });

  it('begins active under a canonical name', () => {
    expect(user).toMatchObject({ displayName: 'Ada', status: 'active', createdAt });
    expect(canSignIn(user)).toBe(true);
  });

  it('can neither be made nor renamed without a name', () => {
    expect(() => createUser({ id: newId('usr'), displayName: '\u200b', createdAt })).toThrow(RangeError);
    expect(() => renameUser(user, '')).toThrow(RangeError);
    expect(renameUser(user, 'Countess of Lovelace').displayName).toBe('Countess of Lovelace');
  });

  it('cannot sign in while suspended', () => {
    const suspended = suspendUser(suspendUser(user));
    expect(canSignIn(suspended)).toBe(false);
    expect(canSignIn(reactivateUser(suspended))).toBe(true);
    expect(user.status).toBe('active');
  });
});
