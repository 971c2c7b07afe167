import { AppError, type AppErrorOptions, describeError } from './app-error.ts';

/** The errors that every capability shares. A capability's own stand in its `*.errors.ts`. */

const unauthenticated = describeError({
  code: 'UNAUTHENTICATED',
  status: 401,
  message: 'Sign in to do this.',
  remedy: 'No valid credential came with the request. Sign in, or send a current access token or session cookie.',
});

export class UnauthenticatedError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(unauthenticated, options);
  }
}

const forbidden = describeError({
  code: 'FORBIDDEN',
  status: 403,
  message: 'You may not do this.',
  remedy: 'The signed-in person lacks the permission. Ask an administrator of the organisation for a role that has it.',
});

export class ForbiddenError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(forbidden, options);
  }
}

const notFound = describeError({
  code: 'NOT_FOUND',
  status: 404,
  message: 'There is no such thing, or you may not see it.',
  remedy: 'The id names nothing that this person can see. What exists but belongs to somebody else answers the same.',
});

export class NotFoundError extends AppError {
  constructor(options?: AppErrorOptions) {
    super(notFound, options);
  }
}

const invalidInput = describeError({
  code: 'INVALID_INPUT',
  status: 400,
  message: 'Some of the input is not valid.',
  remedy: 'Read `fields`: each entry names the input path and what it expects. Nothing was changed.',
});

export interface FieldProblem {
  /** Dotted path of the input field, such as `input.email`. */
  readonly path: string;
  readonly message: string;
}

export class InvalidInputError extends AppError {
  readonly fields: readonly FieldProblem[];

  constructor(fields: readonly FieldProblem[], options?: AppErrorOptions) {
    super(invalidInput, options);
    this.fields = fields;
  }
}

const rateLimited = describeError({
  code: 'RATE_LIMITED',
  status: 429,
  message: 'Too many attempts. Wait before you try again.',
  remedy: 'Wait for `retryAfterSeconds`, then try again. The wait doubles with each further failure.',
});

export class RateLimitedError extends AppError {
  constructor(retryAfterSeconds: number) {
    super(rateLimited, { retryAfterSeconds });
  }
}

const overloaded = describeError({
  code: 'OVERLOADED',
  status: 503,
  message: 'The service is busy. Try again shortly.',
  remedy: 'The bounded queue for expensive work is full. Try again after `retryAfterSeconds`; nothing was changed.',
});

export class OverloadedError extends AppError {
  constructor(retryAfterSeconds: number, options?: AppErrorOptions) {
    super(overloaded, { ...options, retryAfterSeconds });
  }
}

const unavailable = describeError({
  code: 'UNAVAILABLE',
  status: 503,
  message: 'A part of the service that this needs is not available. Try again shortly.',
  remedy: 'The database or another dependency did not answer. Try again after `retryAfterSeconds`; nothing was changed.',
});

export class UnavailableError extends AppError {
  constructor(retryAfterSeconds: number, options?: AppErrorOptions) {
    super(unavailable, { ...options, retryAfterSeconds });
  }
}
