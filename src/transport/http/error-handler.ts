import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '#kernel/app-error.ts';
import { NotFoundError } from '#kernel/errors.ts';
import { asUnavailable } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import {
  BodyTooLargeError,
  InternalError,
  MalformedRequestError,
  RequestTimeoutError,
  UnsupportedMediaTypeError,
} from './http.errors.ts';
import { problemContentType, toProblem } from './problem.ts';

function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** What the caller is told about anything that was thrown. Fastify's own messages stay inside: some quote the input. */
export function toPublicError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const unavailable = asUnavailable(error);
  if (unavailable) return unavailable;
  const status = statusOf(error);
  if (status === 404) return new NotFoundError({ cause: error });
  if (status === 408) return new RequestTimeoutError(error);
  if (status === 413) return new BodyTooLargeError(error);
  if (status === 415) return new UnsupportedMediaTypeError(error);
  return status >= 400 && status < 500 ? new MalformedRequestError(error) : new InternalError(error);
}

/** Answers with the problem document of `error`; Retry-After is in seconds (RFC 9110, 10.2.3). */
export function sendProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  return (
    reply
      .code(error.status)
      .header('cache-control', 'no-store')
      .header('content-type', problemContentType)
      // As bytes: to a text Fastify adds a charset, which this media type does not define.
      .send(Buffer.from(JSON.stringify(toProblem(error, request.id))))
  );
}

/** Errors that nobody expected are logged whole and masked; expected ones only when they say that we are unwell. */
export function logError(logger: Logger, error: unknown, shown: AppError, correlationId: string): void {
  if (shown instanceof InternalError) logger.error('request failed', { error, correlationId });
  else if (shown.status >= 500) logger.warn('request refused', { code: shown.code, error: shown.cause, correlationId });
}

export function handleErrors(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((error, request, reply) => {
    const shown = toPublicError(error);
    logError(logger, error, shown, request.id);
    return sendProblem(shown, request, reply);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(new NotFoundError(), request, reply));
}
