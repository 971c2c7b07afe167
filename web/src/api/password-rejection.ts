import { PasswordRejection } from '../gql/graphql.ts';
import { assertNever } from './assert-never.ts';

/** Why a password was turned down, as a sentence. */
export function describePasswordRejection(reason: PasswordRejection, minLength: number): string {
  switch (reason) {
    case PasswordRejection.TooShort:
      return `It needs at least ${minLength} characters. A few words in a row are easy to remember.`;
    case PasswordRejection.TooLong:
      return 'It is longer than can be stored safely.';
    case PasswordRejection.Common:
      return 'It is one of the passwords that attackers try first.';
    case PasswordRejection.ContainsPersonalData:
      return 'It contains your name, your address or the name of this service.';
    case PasswordRejection.NotText:
      return 'It contains characters that cannot be typed on every keyboard.';
    default:
      return assertNever(reason);
  }
}
