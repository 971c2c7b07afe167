import { describe, expect, it } from 'vitest';
import { isMadeOfPersonalData, type PersonalWords } from './password-personal-data.ts';

const ada: PersonalWords = {
  email: 'ada.king-1815@analytical-engines.example',
  displayName: 'Ada Lovelacé',
  serviceNames: ['Sallyport', 'Difference & Sons'],
};

describe('a password made of personal data', () => {
  it.each([
    ['the e-mail address', 'ada.king-1815@analytical-engines.example'],
    ['the e-mail address in other case', 'ADA.KING-1815@Analytical-Engines.Example'],
    ['the local part and digits', 'ada.king-1815-2024'],
    ['the name and a year', 'AdaLovelace1815!'],
    ['the name without its accent', 'ada lovelace 123'],
    ['the name in full width', 'Ａｄａ　Ｌｏｖｅｌａｃｅ１８'],
    ['a short name over and over', 'ada-ada-ada-2024'],
    ['the names the other way round', 'Lovelace, Ada!!!!!!!!!!'],
    ['the family name and a little', 'lovelace-riding'],
    ['the domain', 'analytical.engines'],
    ['the service', 'Sallyport2024!!'],
    ['the service and the name', 'sallyport-of-ada'],
    ['the organisation', 'difference&sons'],
    ['a word of the organisation', 'differences 2024'],
  ])('is %s', (_, password) => {
    expect(isMadeOfPersonalData(password, ada)).toBe(true);
  });

  it.each([
    ['a passphrase that mentions the name', 'my friend ada lovelace likes trains'],
    ['a passphrase that mentions the service', 'every sallyport has a second door'],
    ['a short name inside other words', 'canada breadalbane'],
    ['just under half', 'lovelacexxxxxxxxx'],
    ['digits alone', '402958173620495'],
    ['signs alone', '!?!?!?!?!?!?!?!'],
    ['something else', 'correct horse battery'],
    ['nothing', ''],
  ])('is not %s', (_, password) => {
    expect(isMadeOfPersonalData(password, ada)).toBe(false);
  });

  it('draws the line at half of the code points', () => {
    expect(isMadeOfPersonalData('lovelacexxxxxxxx', ada)).toBe(true);
    expect(isMadeOfPersonalData('lovelace🔑🔑🔑🔑🔑🔑🔑🔑', ada)).toBe(true);
    expect(isMadeOfPersonalData('lovelace🔑🔑🔑🔑🔑🔑🔑🔑x', ada)).toBe(false);
  });

  it('knows a telephone number for a local part', () => {
    const caller = { email: '4479460000@example.com', displayName: 'A', serviceNames: [] };
    expect(isMadeOfPersonalData('4479460000 88321', caller)).toBe(true);
  });

  it('forbids nothing where nothing is known', () => {
    const nobody = { email: '', displayName: '', serviceNames: [''] };
    expect(isMadeOfPersonalData('correct horse battery', nobody)).toBe(false);
    expect(isMadeOfPersonalData('', nobody)).toBe(false);
  });

  it('treats names as text, not as patterns', () => {
    const odd = { email: 'a@b.example', displayName: '.*(+[', serviceNames: ['$&'] };
    expect(isMadeOfPersonalData('correct horse battery', odd)).toBe(false);
  });
});
