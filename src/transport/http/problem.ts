import type { AppError } from '#kernel/app-error.ts';
import { type FieldProblem, InvalidInputError } from '#kernel/errors.ts';

export const problemContentType = 'application/problem+json';

/** A problem document (RFC 9457, 3) with our extensions. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The stable code: see docs/errors.md. */
  readonly code: string;
  readonly correlationId: string;
  readonly retryAfterSeconds?: number;
  readonly fields?: readonly FieldProblem[];
}

/** The public face of an expected failure. Its cause and its stack stay behind. */
export function toProblem(error: AppError, correlationId: string): Problem {
  return {
    type: `urn:sallyport:error:${error.code}`,
    title: error.description.message,
    status: error.status,
    ...(error.message === error.description.message ? {} : { detail: error.message }),
    ...error.details,
    code: error.code,
    correlationId,
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error instanceof InvalidInputError ? { fields: error.fields } : {}),
  };
}
