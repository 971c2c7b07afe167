import { Secret } from '#kernel/secret.ts';

/** Why a password was not accepted; the same names that the API shows. */
export type PasswordRejection = 'TOO_SHORT' | 'TOO_LONG' | 'COMMON' | 'CONTAINS_PERSONAL_DATA' | 'NOT_TEXT';

/** A password as it is hashed and compared. Only `reveal()` shows its text, and only hashing and screening have cause to. */
export type Password = Secret<string> & { readonly [brand]: true };
declare const brand: unique symbol;

export type ParsedPassword =
  | { readonly ok: true; readonly value: Password }
  | { readonly ok: false; readonly problem: Extract<PasswordRejection, 'TOO_LONG' | 'NOT_TEXT'> };

/**
 * Caps what one attempt can make the server hash; NIST SP 800-63B-4, 3.1.1.2 wants at least 64 accepted. As UTF-8 takes
 * at most 4 octets a code point, a password never has more than 4,096 octets.
 */
export const maxPasswordLength = 1024;

/**
 * Reads a password, new or presented, in the manner of OpaqueString (RFC 8265, 4.2): NFC, so that two keyboards that
 * compose a letter differently agree; other spaces become U+0020; case, width and white space at the ends stay. There are
 * no rules of composition (NIST SP 800-63B-4, 3.1.1.2). Refused is only what is no text (lone surrogates, U+0000, which
 * some hash libraries take for the end) and what is too long. Any length above zero, and zero, is read: how short a new
 * password may be is the policy's matter.
 */
export function parsePassword(text: string): ParsedPassword {
  // NFC can shorten a text to a third at most by composing, so beyond this bound normalising would be work for nothing.
  if (text.length > maxPasswordLength * 4) return { ok: false, problem: 'TOO_LONG' };
  if (!text.isWellFormed() || text.includes('\0')) return { ok: false, problem: 'NOT_TEXT' };
  const normalised = text.replace(/\p{Zs}/gu, ' ').normalize('NFC');
  if (passwordLength(normalised) > maxPasswordLength) return { ok: false, problem: 'TOO_LONG' };
  return { ok: true, value: new Secret(normalised) as Password };
}

/** Length in code points: what NIST SP 800-63B-4, 3.1.1.2 counts. */
export function passwordLength(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
