import { AppError, type AppErrorOptions, describeError } from '#kernel/app-error.ts';

const tokenInvalid = describeError({
  code: 'TOKEN_INVALID',
  status: 400,
  message: 'This link is not valid any more. Use the newest one, or ask for another.',
  remedy: 'The one-time token is unknown, was used, was replaced by a newer one or has expired. Start the flow again.',
});

const wrongPassword = describeError({
  code: 'WRONG_PASSWORD',
  status: 400,
  message: 'This is not the password that was chosen when signing up.',
  remedy: 'Send the password of the sign-up whose link this is, or choose another with `newPassword`. The link stays good.',
});

/** The link is good, but who opened it does not know the password that would be bound by it. */
export class WrongPasswordError extends AppError {
  constructor() {
    super(wrongPassword);
  }
}

/** A one-time token that is not good, for whatever reason: all of them look alike. */
export class TokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(tokenInvalid, options);
  }
}
