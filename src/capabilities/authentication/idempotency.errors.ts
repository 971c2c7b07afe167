import { AppError, describeError } from '#kernel/app-error.ts';

const invalid = describeError({
  code: 'IDEMPOTENCY_KEY_INVALID',
  status: 400,
  message: 'The Idempotency-Key header is not valid.',
  remedy: 'Send one key of 8 to 128 visible characters, best a random UUID in quotes. Nothing was changed.',
});

export class IdempotencyKeyInvalidError extends AppError {
  constructor() {
    super(invalid);
  }
}

const unsupported = describeError({
  code: 'IDEMPOTENCY_KEY_UNSUPPORTED',
  status: 400,
  message: 'This operation takes no Idempotency-Key.',
  remedy:
    'Leave the header out. What returns credentials is not kept for a second answer, and the rest may be sent again as it is. Nothing was changed.',
});

export class IdempotencyKeyUnsupportedError extends AppError {
  constructor() {
    super(unsupported);
  }
}

const reused = describeError({
  code: 'IDEMPOTENCY_KEY_REUSED',
  status: 422,
  message: 'This Idempotency-Key was used for another request.',
  remedy: 'Make a new key for each request, and keep it for repetitions of the very same one. Nothing was changed.',
});

export class IdempotencyKeyReusedError extends AppError {
  constructor() {
    super(reused);
  }
}

const inUse = describeError({
  code: 'IDEMPOTENCY_KEY_IN_USE',
  status: 409,
  message: 'A request with this Idempotency-Key is still being worked on.',
  remedy: 'Send it again after `retryAfterSeconds`: then it gives the answer of the first one.',
});

export class IdempotencyKeyInUseError extends AppError {
  constructor() {
    super(inUse, { retryAfterSeconds: 1 });
  }
}
