import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTrivial } from './password-patterns.ts';

const listed = new Set(['40295817362', 'password', 'monkey', 'dragon', 'blue', 'iloveyou', 'correct horse']);
const trivial = (text: string) => isTrivial(text, (word) => listed.has(word));

describe('trivial passwords', () => {
  it.each([
    ['one character repeated', 'aaaaaaaaaaaaaaa'],
    ['a listed word repeated', 'passwordpassword'],
    ['a listed word repeated in part', 'passwordpasswor'],
    ['digits repeated', '123451234512345'],
    ['any short unit repeated', 'x7!qx7!qx7!qx7!q'],
    ['a repeated unit that is cut off', 'abcdeabcdeabcdeab'],
    ['the alphabet', 'abcdefghijklmnop'],
    ['the alphabet backwards', 'ponmlkjihgfedcba'],
    ['digits', '1234567890123456'],
    ['digits there and back', '123456789987654321'],
    ['keyboard rows', 'qwertyuiopasdfgh'],
    ['another keyboard', 'azertyuiopqsdfgh'],
    ['keyboard columns', '1qaz2wsx3edc4rfv'],
    ['two hands', '1q2w3e4r5t6y7u8i'],
    ['pieces of rows', '1234qwerasdfzxcv'],
    ['shifted digits behind digits', '1234567890!@#$%'],
    ['growing runs', '122333444455555'],
    ['doubled letters', 'aabbccddeeffgghh'],
    ['a sequence and signs', 'abcdefghijklm!1!'],
    ['a listed word and a sequence', 'password1234567'],
    ['a sequence and a listed word', '987654321monkey'],
    ['a listed word inside sequences', '1234dragonabcdef'],
    ['a short listed word and a long sequence', 'blue123456789012'],
    ['a listed word and a year', 'iloveyou2024!!!'],
    ['a padded word repeated', 'password1password1'],
    ['a listed phrase and signs', 'correct horse!?!'],
  ])('are %s', (_, text) => {
    expect(trivial(text)).toBe(true);
  });

  it.each([
    ['a passphrase', 'correct horse battery staple'],
    ['a passphrase that begins with a listed word', 'monkey eats four bananas'],
    ['two listed words', 'monkeydragon and more'],
    ['a listed word and five other digits', 'password84619'],
    ['a listed word and letters', 'passwordhjkwtz'],
    ['a sequence inside other text', 'my abcdefgh is long'],
    ['random letters', 'kvxwzpqjmtrbnhd'],
    ['random digits', '402958173620495'],
    ['a long unit twice', 'tr0ub4dour&3 tr0ub4dour&3 '],
    ['nothing', ''],
  ])('are not %s', (_, text) => {
    expect(trivial(text)).toBe(false);
  });

  it('include any repetition of a unit of fewer than eight characters, however it ends', () => {
    const unit = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(unit, fc.integer({ min: 15, max: 80 }), (text, length) => {
        expect(trivial(text.repeat(length).slice(0, length))).toBe(true);
      }),
    );
  });

  it('do not include random text', () => {
    const random = fc.string({ unit: fc.constantFrom(...'bdfhkmpsuvz'), minLength: 24, maxLength: 64 });
    // Of random text every character would have to be in a run or a walk; the seed is fixed, for chance is no test.
    fc.assert(
      fc.property(
        random.filter((text) => new Set(text).size > 8),
        (text) => {
          expect(trivial(text)).toBe(false);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  it('ask the list a bounded number of times, however the text is made to ask more', () => {
    for (const text of [
      `${'1'.repeat(511)}x${'1'.repeat(512)}`,
      'ab1'.repeat(341),
      '12'.repeat(512),
      `${'abc'.repeat(170)}ß${'abc'.repeat(170)}`,
    ]) {
      let questions = 0;
      isTrivial(text, () => {
        questions += 1;
        return false;
      });
      expect(questions).toBeLessThanOrEqual(5000);
    }
  });
});
