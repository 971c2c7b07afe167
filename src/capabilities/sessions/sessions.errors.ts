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

const sessionLimitReached = describeError({
  code: 'SESSION_LIMIT_REACHED',
  status: 409,
  message: 'You are signed in in too many places. Sign out in one of them first.',
  remedy:
    'The organisation allows a person only so many sessions at once and refuses further ones. End one with `revokeSession` or `logout`, or let it run out. The password was right.',
});

export class SessionLimitReachedError extends AppError {
  /** How many sessions the organisation allows. */
  readonly limit: number;

  constructor(limit: number) {
    super(sessionLimitReached);
    this.limit = limit;
  }
}
