import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Email, envelopeAddress, parseEmail } from './email.ts';

function read(input: string): Email {
  const parsed = parseEmail(input);
  if (!parsed.ok) throw new Error(`${JSON.stringify(input)} ${parsed.problem}`);
  return parsed.value;
}
const normalised = (input: string) => read(input).normalised;
const refused = (input: string) => !parseEmail(input).ok;

describe('what is the same address', () => {
  it.each([
    ['case', 'Ada.Lovelace@EXAMPLE.com', 'ada.lovelace@example.com'],
    ['white space around it', '  ada@example.com\r\n', 'ada@example.com'],
    ['Unicode composition', 'jose\u0301@example.com', 'jos\u00e9@example.com'],
    ['width', 'ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['a Kelvin sign', '\u212aelvin@example.com', 'kelvin@example.com'],
    ['the spelling of the domain', 'ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['an A-label in capitals', 'ada@XN--BCHER-KVA.example', 'ada@bücher.example'],
    ['an ideographic full stop', 'ada@例え。テスト', 'ada@例え.テスト'],
  ])('does not depend on %s', (_, one, other) => {
    expect(normalised(one)).toBe(normalised(other));
  });

  it.each([
    ['a tag', 'ada+shop@example.com', 'ada@example.com'],
    ['dots', 'a.d.a@gmail.com', 'ada@gmail.com'],
    ['a Cyrillic homograph', '\u0430da@example.com', 'ada@example.com'],
    ['a dotless i', 'm\u0131ke@example.com', 'mike@example.com'],
    ['a capital I with a dot', 'm\u0130ke@example.com', 'mike@example.com'],
    ['a sharp s in the domain', 'ada@faß.example', 'ada@fass.example'],
  ])('depends on %s', (_, one, other) => {
    expect(normalised(one)).not.toBe(normalised(other));
  });

  it('keeps the case that the person wrote for showing and sending', () => {
    const email = read(' Ada@Bücher.Example ');
    expect(email).toEqual({ address: 'Ada@Bücher.Example', normalised: 'ada@xn--bcher-kva.example' });
    expect(envelopeAddress(email)).toBe('Ada@xn--bcher-kva.example');
  });

  it('sends to the mailbox that it takes the address for, so a look-alike width proves nothing about the other', () => {
    expect(envelopeAddress(read('ａｄａ@example.com'))).toBe('ada@example.com');
  });
});

describe('what is accepted', () => {
  it.each([
    "o'hara!#$%&*+/=?^_`{|}~-@example.com",
    'δοκιμή@παράδειγμα.δοκιμή',
    '用户@例子.广告',
    'ada@mail.localhost',
    'ada@r3---sn.example.com',
    '1@2.example',
    `${'l'.repeat(64)}@example.com`,
    `ada@${'d'.repeat(63)}.example`,
  ])('%s', (input) => {
    expect(parseEmail(input).ok).toBe(true);
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing', ''],
    ['no @', 'example.com'],
    ['two @', 'ada@x@example.com'],
    ['a second, full-width @', 'ada＠evil.example@example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'ada@'],
    ['a quoted local part', '"ada lovelace"@example.com'],
    ['a comment', 'ada(x)@example.com'],
    ['a display name', 'Ada <ada@example.com>'],
    ['two recipients', 'ada@example.com,eve@example.com'],
    ['two recipients by a full-width comma', 'ada，eve@example.com'],
    ['consecutive dots', 'a..da@example.com'],
    ['a leading dot', '.ada@example.com'],
    ['a trailing dot', 'ada.@example.com'],
    ['dots that NFKC makes of one character', 'ada\u2025x@example.com'],
    ['a space', 'a da@example.com'],
    ['a no-break space', 'a\u00a0da@example.com'],
    ['a zero-width space', 'ad\u200ba@example.com'],
    ['a soft hyphen in the domain', 'ada@exam\u00adple.com'],
    ['a bidirectional override', '\u202eada@example.com'],
    ['a NUL', 'ada\0@example.com'],
    ['a lone surrogate', 'ada\ud800@example.com'],
    ['a leading combining mark', '\u0301da@example.com'],
    ['an IPv4 literal', 'ada@[192.0.2.1]'],
    ['a bare IPv4 address', 'ada@192.0.2.1'],
    ['an IPv4 address in disguise', 'ada@0x7f.1'],
    ['an IPv6 literal', 'ada@[IPv6:2001:db8::1]'],
    ['a single label', 'ada@localhost'],
    ['an empty label', 'ada@example..com'],
    ['a root dot', 'ada@example.com.'],
    ['a leading hyphen', 'ada@-example.com'],
    ['an underscore', 'ada@ex_ample.com'],
    ['percent encoding', 'ada@ex%61mple.com'],
    ['a path', 'ada@example.com/x'],
    ['a port', 'ada@example.com:25'],
    ['an A-label that encodes nothing', 'ada@xn--a.example'],
    ['an A-label of a symbol', 'ada@xn--53h.example'],
    ['the symbol itself', 'ada@☕.example'],
    ['a local part of 65 octets', `${'l'.repeat(65)}@example.com`],
    ['a local part of 65 octets in 33 letters', `${'é'.repeat(32)}l@example.com`],
    ['a label of 64', `ada@${'d'.repeat(64)}.example`],
    ['255 octets', `${'l'.repeat(64)}@${`${'d'.repeat(61)}.`.repeat(3)}ddd1`],
    ['megabytes', 'a'.repeat(5_000_000)],
  ])('%s', (_, input) => {
    expect(refused(input)).toBe(true);
  });

  it('counts to the octet: 254 pass', () => {
    expect(refused(`${'l'.repeat(64)}@${`${'d'.repeat(61)}.`.repeat(3)}ddd`)).toBe(false);
  });
});

describe('for any string', () => {
  // Mostly near misses: what random text hardly ever is.
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom('@', '.', 'ada', 'Ä', '\r\n', 'Bcc: eve@example.com', 'xn--', '＠', '。', 'ſ', 'İ', 'Σ', '\ufb01', '\u0345'),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const nearAddress = fc.tuple(text, text).map(([local, domain]) => `${local}@${domain}.example`);

  it('reading never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          nearAddress,
          fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
        ),
        (input) => {
          expect(typeof parseEmail(input).ok).toBe('boolean');
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reading again what was read changes nothing, and the forms carry no header into a message', () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(nearAddress, fc.emailAddress()), (input) => {
        const parsed = parseEmail(input);
        if (!parsed.ok) return;
        accepted += 1;
        const { address, normalised: key } = parsed.value;
        expect(normalised(key)).toBe(key);
        expect(read(address)).toEqual(parsed.value);
        expect(normalised(envelopeAddress(parsed.value))).toBe(key);
        for (const form of [address, key, envelopeAddress(parsed.value)]) {
          expect(form).not.toMatch(/[\p{C}\s<>,;:"()[\]\\]/u);
          expect(form.split('@')).toHaveLength(2);
          expect(Buffer.byteLength(key)).toBeLessThanOrEqual(254);
        }
      }),
      { numRuns: 1000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  it('a line break inside is never accepted', () => {
    fc.assert(
      fc.property(
        fc.emailAddress(),
        fc.nat(),
        fc.constantFrom('\r\n', '\r', '\n', '\u0085', '\u2028', '\r\nBcc: eve@example.com\r\n'),
        (email, seed, inserted) => {
          const place = 1 + (seed % (email.length - 1));
          expect(refused(email.slice(0, place) + inserted + email.slice(place))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
