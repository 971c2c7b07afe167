import { foldForScreening } from './breached-passwords.ts';
import { type Password, type PasswordRejection, parsePassword, passwordLength } from './password.ts';
import { isTrivial } from './password-patterns.ts';
import { isMadeOfPersonalData, type PersonalWords } from './password-personal-data.ts';

/** NIST SP 800-63B-4, 3.1.1.2: least length where the password alone signs in. */
export const minLengthAlone = 15;
/** NIST SP 800-63B-4, 3.1.1.2: least length where a second factor is always required with it. Never less. */
export const minLengthWithSecondFactor = 8;

/**
 * The least length that holds for a person, in code points: what their organisation asks for, but never less than NIST
 * does. An organisation's setting from 8 to 14 therefore takes effect only once a second factor is required.
 */
export function requiredMinLength(setting: { organisationMinLength: number; secondFactorRequired: boolean }): number {
  const floor = setting.secondFactorRequired ? minLengthWithSecondFactor : minLengthAlone;
  return Math.max(floor, setting.organisationMinLength);
}

export interface PasswordRules {
  /** In code points; see `requiredMinLength`. Throws RangeError below 8. */
  readonly minLength: number;
  readonly personal: PersonalWords;
  /** Whether a whole text is on the list of common and breached passwords, in any case. */
  readonly isBreached: (text: string) => boolean;
}

/**
 * Every reason against a new password, none when it is good. Each rule looks at the whole password and asks for no kind of
 * character. COMMON is a listed or trivial password (`isTrivial`), CONTAINS_PERSONAL_DATA one that is made of the person's
 * or the service's names (`isMadeOfPersonalData`). For new passwords only: a present one is never judged at sign-in.
 */
export function checkPassword(password: Password, rules: PasswordRules): PasswordRejection[] {
  if (!Number.isInteger(rules.minLength) || rules.minLength < minLengthWithSecondFactor) {
    throw new RangeError(`the least password length is never below ${minLengthWithSecondFactor}`);
  }
  const text = password.reveal();
  const folded = foldForScreening(text);
  const rejections: PasswordRejection[] = [];
  if (passwordLength(text) < rules.minLength) rejections.push('TOO_SHORT');
  if (rules.isBreached(folded) || isTrivial(folded, rules.isBreached)) rejections.push('COMMON');
  if (isMadeOfPersonalData(text, rules.personal)) rejections.push('CONTAINS_PERSONAL_DATA');
  return rejections;
}

export type AcceptedPassword =
  | { readonly ok: true; readonly value: Password }
  | { readonly ok: false; readonly rejections: readonly PasswordRejection[] };

/** Reads and checks a new password in one: what every use case that sets a password calls. */
export function acceptPassword(text: string, rules: PasswordRules): AcceptedPassword {
  const parsed = parsePassword(text);
  if (!parsed.ok) return { ok: false, rejections: [parsed.problem] };
  const rejections = checkPassword(parsed.value, rules);
  return rejections.length === 0 ? parsed : { ok: false, rejections };
}
