import { domainToASCII, domainToUnicode } from 'node:url';

/** The outcome of reading input: the value, or a sentence that a door shows beside the field. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/**
 * An e-mail address. Two addresses are the same address exactly when their `normalised` forms are equal.
 *
 * What is folded together: case (also of the local part: RFC 5321, 2.4 allows a host to tell `Ada@` from `ada@`, but no
 * mail provider of note does, and people don't know which way they once wrote it), Unicode composition and width (NFKC:
 * `ａｄａ＠` is `ada@`), and the two spellings of an internationalised domain (`bücher.example`, `xn--bcher-kva.example`).
 *
 * What is not: homographs of another script (a Cyrillic `а` is another mailbox, so it is another address), and the tricks
 * of single providers (`ada+shop@`, dots at Gmail): only the receiving host knows what its local parts mean, and taking
 * two mailboxes for one would hand one person's account to another.
 */
export interface Email {
  /** As the person wrote it, trimmed and in NFKC, case kept: for showing. */
  readonly address: string;
  /** Local part in lower case, domain as lower-case A-labels: for uniqueness and look-up. */
  readonly normalised: string;
}

const maxInputLength = 1024; // a bound on the work of normalising; far above any valid address
const maxOctets = 254; // RFC 5321, 4.5.3.1.3 (a path of 256 less its angle brackets)
const maxLocalOctets = 64; // RFC 5321, 4.5.3.1.1

// RFC 5322 atext, and for SMTPUTF8 (RFC 6531, 3.3) any non-ASCII character but spaces and those that don't show: controls,
// format characters (zero-width, bidirectional), private use, unassigned. An atom must not begin with a combining mark.
const atom = /^(?!\p{M})(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]|(?![\p{ASCII}\p{C}\p{Z}])\p{Any})+$/u;
// Letters, marks and digits of IDNA 2008 with its CONTEXTO punctuation and the four label separators. Everything that a URL
// parser would act upon (`%41`, `/`, `?`, `#`, `:`) is kept away from domainToASCII, and so are symbols such as emoji.
const domainCharacters = /^[\p{L}\p{M}\p{N}\u00b7\u0375\u05f3\u05f4\u30fb.\u3002\uff0e\uff61-]+$/u;
const asciiLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Reads an address that a person typed. Never throws, whatever the string. Refused besides malformed input: quoted local
 * parts, comments, IP literals and single-label domains (`ada@localhost`; `ada@mail.localhost` is fine).
 */
export function parseEmail(input: string): Parsed<Email> {
  if (input.length > maxInputLength) return refuse('is longer than an e-mail address can be');
  if (!input.isWellFormed()) return refuse('holds broken characters');
  const address = input.trim().normalize('NFKC');
  const at = address.indexOf('@');
  if (at < 0 || at !== address.lastIndexOf('@')) return refuse('needs exactly one @');
  const local = address.slice(0, at);
  if (!local.split('.').every((part) => atom.test(part))) return refuse('has a part before the @ that is not accepted');
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === null) return refuse('needs a valid domain after the @, such as example.com');

  // Lower case can leave NFKC (a capital with no single lower-case letter), so it is normalised once more.
  const normalisedLocal = local.toLowerCase().normalize('NFKC');
  for (const form of [local, normalisedLocal]) {
    if (octets(form) > maxLocalOctets) return refuse(`has more than ${maxLocalOctets} octets before the @`);
    if (octets(form) + 1 + domain.length > maxOctets) return refuse(`is longer than ${maxOctets} octets`);
  }
  return { ok: true, value: { address, normalised: `${normalisedLocal}@${domain}` } };
}

/**
 * The form to send to: the local part as the person wrote it (their host may mind its case) at the A-label domain. The
 * domain is not left to the mailer, whose own IDN mapping might reach another host than the one that was checked.
 */
export function envelopeAddress(email: Email): string {
  return email.address.slice(0, email.address.indexOf('@')) + email.normalised.slice(email.normalised.lastIndexOf('@'));
}

/** The domain as lower-case A-labels, or null where it is none, is an IP address or has but one label. */
function asciiDomain(written: string): string | null {
  if (!domainCharacters.test(written)) return null;
  const ascii = domainToASCII(written);
  const labels = ascii.split('.');
  const top = labels.at(-1) ?? '';
  // A top-level label without a letter is the end of an IPv4 address, however that was spelt.
  if (labels.length < 2 || !labels.every((label) => asciiLabel.test(label)) || !/[a-z]/.test(top)) return null;
  // A-labels that came ready-made were not checked by domainToASCII: they must be what their U-labels encode to.
  const unicode = domainToUnicode(ascii);
  if (!domainCharacters.test(unicode) || domainToASCII(unicode) !== ascii) return null;
  if (unicode.split('.').some((label) => label.startsWith('xn--'))) return null;
  return ascii;
}

function octets(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function refuse(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}
