import { AppError, describeError } from '#kernel/app-error.ts';

/** Why a new password was not accepted; the same names that the API shows. */
export type PasswordRejection = 'TOO_SHORT' | 'TOO_LONG' | 'COMMON' | 'CONTAINS_PERSONAL_DATA' | 'NOT_TEXT';

const passwordRejected = describeError({
  code: 'PASSWORD_REJECTED',
  status: 400,
  message: 'This password can not be used. Choose another.',
  remedy: 'Read `reasons` and `minLength` (NIST SP 800-63B-4, 3.1.1.2). Nothing was changed.',
});

/** What the port PasswordEnrolment answers to a password that the policy refuses. */
export class PasswordRejectedError extends AppError {
  readonly reasons: readonly PasswordRejection[];
  /** In code points. */
  readonly minLength: number;

  constructor(reasons: readonly PasswordRejection[], minLength: number) {
    super(passwordRejected);
    this.reasons = reasons;
    this.minLength = minLength;
  }
}
