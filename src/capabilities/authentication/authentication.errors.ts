import { AppError, type AppErrorOptions, describeError } from '#kernel/app-error.ts';

const tokenInvalid = describeError({
  code: 'TOKEN_INVALID',
  status: 400,
  message: 'This link is not valid any more. Use the newest one, or ask for another.',
  remedy: 'The one-time token is unknown, was used, was replaced by a newer one or has expired. Start the flow again.',
});

/** A one-time token that is not good, for whatever reason: all of them look alike. */
export class TokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(tokenInvalid, options);
  }
}
