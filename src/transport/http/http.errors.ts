import { AppError, describeError } from '#kernel/app-error.ts';

/** What can go wrong before a request reaches a capability, and the mask of everything unexpected. */

const internal = describeError({
  code: 'INTERNAL_ERROR',
  status: 500,
  message: 'Something went wrong on our side.',
  remedy: 'A defect, or a failure that nobody foresaw. The log has its cause under the `correlationId` of the answer.',
});

export class InternalError extends AppError {
  constructor(cause?: unknown) {
    super(internal, { cause });
  }
}

const malformed = describeError({
  code: 'HTTP_REQUEST_INVALID',
  status: 400,
  message: 'The request is not well-formed.',
  remedy:
    'The URL, a header or the body breaks its format: broken JSON, a wrong Content-Length, an invalid escape. Mend the client.',
});

export class MalformedRequestError extends AppError {
  constructor(cause?: unknown) {
    super(malformed, { cause });
  }
}

const bodyTooLarge = describeError({
  code: 'BODY_TOO_LARGE',
  status: 413,
  message: 'The request body is too large.',
  remedy: 'Send less at once. The operator sets the limit by BODY_LIMIT_BYTES.',
});

export class BodyTooLargeError extends AppError {
  constructor(cause?: unknown) {
    super(bodyTooLarge, { cause });
  }
}

const headersTooLarge = describeError({
  code: 'HEADERS_TOO_LARGE',
  status: 431,
  message: 'The header fields of the request are too large.',
  remedy: 'Request line and headers may have 16 KiB together. Remove cookies that other applications of the host left.',
});

export class HeadersTooLargeError extends AppError {
  constructor(cause?: unknown) {
    super(headersTooLarge, { cause });
  }
}

const unsupportedMediaType = describeError({
  code: 'UNSUPPORTED_MEDIA_TYPE',
  status: 415,
  message: 'The request body is of a type that is not accepted here.',
  remedy: 'Send JSON with `Content-Type: application/json`.',
});

export class UnsupportedMediaTypeError extends AppError {
  constructor(cause?: unknown) {
    super(unsupportedMediaType, { cause });
  }
}

const requestTimeout = describeError({
  code: 'REQUEST_TIMEOUT',
  status: 408,
  message: 'The request took too long to arrive.',
  remedy: 'Send the whole request faster. The operator sets the limit by REQUEST_TIMEOUT_MS.',
});

export class RequestTimeoutError extends AppError {
  constructor(cause?: unknown) {
    super(requestTimeout, { cause });
  }
}
