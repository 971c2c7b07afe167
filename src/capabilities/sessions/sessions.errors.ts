import { AppError, type AppErrorOptions, describeError } from '#kernel/app-error.ts';

const accessTokenInvalid = describeError({
  code: 'ACCESS_TOKEN_INVALID',
  status: 401,
  message: 'The access token is not valid or its session has ended.',
  remedy:
    'Get a new access token with `refreshSession`, without an Authorization header, or sign in again (RFC 6750, 3.1: `invalid_token`).',
});

/** The Bearer credential of a request does not hold. A request that brings one is never served as if it had brought none. */
export class AccessTokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(accessTokenInvalid, options);
  }
}

const refreshTokenInvalid = describeError({
  code: 'REFRESH_TOKEN_INVALID',
  status: 401,
  message: 'The refresh token is not valid any more. Sign in again.',
  remedy:
    'It is unknown, expired, revoked, or was used before (RFC 6749, 5.2: `invalid_grant`). The person has to sign in again.',
});

export class RefreshTokenInvalidError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(refreshTokenInvalid, options);
  }
}

const stepUpRequired = describeError({
  code: 'STEP_UP_REQUIRED',
  status: 401,
  message: 'Confirm that it is you to do this.',
  remedy:
    'The person proved who they are too long ago, or not strongly enough (RFC 9470: `insufficient_user_authentication`). Call `reauthenticate`, or sign in again by one of `acrValues`, not longer than `maxAgeSeconds` ago, and repeat the request.',
});

/** The session is good, but a dangerous operation wants a fresher or stronger proof than it began with. */
export class StepUpRequiredError extends AppError {
  /** RFC 9470, 3: `max_age` and `acr_values`. */
  readonly maxAgeSeconds: number;
  readonly acrValues: readonly string[];

  constructor({ maxAgeSeconds, acrValues }: { readonly maxAgeSeconds: number; readonly acrValues: readonly string[] }) {
    super(stepUpRequired);
    this.maxAgeSeconds = maxAgeSeconds;
    this.acrValues = acrValues;
  }

  override get details() {
    return { maxAgeSeconds: this.maxAgeSeconds, acrValues: this.acrValues };
  }
}
