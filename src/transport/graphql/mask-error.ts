import { GraphQLError, type GraphQLErrorOptions } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { DpopNonceRequiredError } from '#capabilities/sessions/index.ts';
import { AppError, errorCatalogue } from '#kernel/app-error.ts';
import { InvalidInputError } from '#kernel/errors.ts';
import { asUnavailable } from '#platform/db/index.ts';
import { currentCorrelationId } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { wwwAuthenticate } from '#transport/http/www-authenticate.ts';
import { graphqlInvalid } from './graphql.errors.ts';

/** The code of a defect of ours: the same as on every other door. */
const internalCode = 'INTERNAL_ERROR';

export interface ErrorMaskOptions {
  /** Whether the answer goes over HTTP, where an error may set its status and headers. */
  readonly http?: boolean;
}

/**
 * What a client sees of an error. An AppError keeps its code; GraphQL's own complaints keep their text; anything else is a
 * defect, is logged whole, and shows nothing but its correlation id.
 */
export function createErrorMask(logger: Logger, { http = true }: ErrorMaskOptions = {}): (error: unknown) => GraphQLError {
  const ours = new Set(errorCatalogue().map(({ code }) => code));
  return (error) => {
    const correlationId = currentCorrelationId();
    const original = error instanceof GraphQLError && error.originalError ? error.originalError : error;

    if (original instanceof GraphQLError) {
      const { code, ...extensions } = original.extensions;
      // The engine's libraries have codes of their own for the same complaints; clients know those of docs/errors.md only.
      const known = typeof code === 'string' && ours.has(code) ? code : graphqlInvalid.code;
      // Of the outer error: what was taken out of its text stands in the inner one still.
      const { message } = error instanceof GraphQLError ? error : original;
      return shown(error, message, { ...extensions, code: known, correlationId });
    }
    const known = original instanceof AppError ? original : asUnavailable(original);
    if (known) {
      if (!(original instanceof AppError)) logger.warn('a dependency is away', { error: original });
      const { http: response, ...extensions } = publicExtensions(known);
      return shown(error, known.message, { ...extensions, ...(http ? { http: response } : {}), correlationId });
    }
    logger.error('unexpected error', { error: original });
    return shown(error, 'Something went wrong on our side.', {
      code: internalCode,
      correlationId,
      ...(http ? { http: { status: 500 } } : {}),
    });
  };
}

/**
 * Masks what was refused before anything ran: the engine masks the errors of resolvers and of reading a request, but
 * answers those of validation as they are. They are kept in its cache, so the correlation id is added to copies.
 */
export function createResultMask(mask: (error: unknown) => GraphQLError): Plugin {
  return {
    onResultProcess({ result, setResult }) {
      if (Array.isArray(result) || !('errors' in result) || result.errors === undefined || result.data != null) return;
      const errors = result.errors.map((error) => (error.extensions?.['correlationId'] === undefined ? mask(error) : error));
      setResult({ ...result, errors });
    },
  };
}

/** A new error with the place of the old one and nothing else of it. */
function shown(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  const options: GraphQLErrorOptions = { extensions };
  if (error instanceof GraphQLError)
    Object.assign(options, { nodes: error.nodes, source: error.source, positions: error.positions, path: error.path });
  return new GraphQLError(message, options);
}

function publicExtensions(error: AppError) {
  const { code, status, retryAfterSeconds, details } = error;
  const headers: Record<string, string> = {
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(status === 401 ? { 'www-authenticate': wwwAuthenticate(error) } : {}),
    ...(error instanceof DpopNonceRequiredError ? { 'dpop-nonce': error.nonce } : {}),
  };
  // Where it is no field's result but the whole request's, such as for a header.
  const fields = error instanceof InvalidInputError ? { fields: error.fields } : {};
  return {
    ...details,
    ...fields,
    code,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    http: { status, headers },
  };
}
