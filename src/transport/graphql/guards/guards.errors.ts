import { GraphQLError } from 'graphql';
import { AppError, describeError, type ErrorDescription } from '#kernel/app-error.ts';

export const queryTooLarge = describeError({
  code: 'QUERY_TOO_LARGE',
  status: 400,
  message: 'The GraphQL document is too large.',
  remedy: 'The document has too many bytes, tokens, operations or fragments. `limit` tells how many are allowed. Split it.',
});

export const queryTooDeep = describeError({
  code: 'QUERY_TOO_DEEP',
  status: 400,
  message: 'The GraphQL request is nested too deeply.',
  remedy: 'Fields, an argument value or the variables are nested too deeply. `limit` tells how deep they may be.',
});

export const queryTooComplex = describeError({
  code: 'QUERY_TOO_COMPLEX',
  status: 400,
  message: 'The GraphQL request asks for too much at once.',
  remedy:
    'It has too many fields, aliases, repeated fields, directives or variables. `limit` tells how many are allowed. Split it.',
});

export const introspectionDisabled = describeError({
  code: 'INTROSPECTION_DISABLED',
  status: 400,
  message: 'Schema introspection is switched off here.',
  remedy: 'Read the published schema.graphql, or set INTROSPECTION=true on a deployment of your own.',
});

export const batchingDisabled = describeError({
  code: 'BATCHING_DISABLED',
  status: 400,
  message: 'One request carries one GraphQL operation.',
  remedy: 'The body was a JSON array. Send each operation in a request of its own; HTTP/2 carries them at once.',
});

export const preflightHeaderRequired = describeError({
  code: 'PREFLIGHT_HEADER_REQUIRED',
  status: 400,
  message: 'GraphQL over GET needs the header graphql-require-preflight: 1.',
  remedy: 'A link or an image on another site can send a plain GET with cookies, but not this header. Send it, or use POST.',
});

export const graphqlMethodNotAllowed = describeError({
  code: 'GRAPHQL_METHOD_NOT_ALLOWED',
  status: 405,
  message: 'This HTTP method cannot carry this GraphQL operation.',
  remedy: 'Send mutations by POST, queries by POST or GET. `Allow` names the methods.',
});

export const subscriptionNeedsSocket = describeError({
  code: 'SUBSCRIPTION_NEEDS_SOCKET',
  status: 400,
  message: 'Subscriptions go over a WebSocket, by the graphql-transport-ws protocol.',
  remedy: 'Open a WebSocket at /graphql. A stream over HTTP would go on after the end of its session, so there is none.',
});

export const graphqlMediaTypeUnsupported = describeError({
  code: 'GRAPHQL_MEDIA_TYPE_UNSUPPORTED',
  status: 415,
  message: 'GraphQL requests are JSON in UTF-8: Content-Type: application/json.',
  remedy: 'Forms, multipart and plain text are refused since other sites can send them with cookies. Send application/json.',
});

export const requestMalformed = describeError({
  code: 'REQUEST_MALFORMED',
  status: 400,
  message: 'The request could not be read.',
  remedy: 'The body must be a JSON object in valid UTF-8 with a `query` or a `documentId`, without a `__proto__` key anywhere.',
});

/** A GraphQL request that was refused before anything was executed. */
export class GuardError extends AppError {
  /** The limit that was passed, where there is one. */
  readonly limit: number | undefined;

  constructor(description: ErrorDescription, message?: string, limit?: number) {
    super(description, message === undefined ? {} : { message });
    this.limit = limit;
  }
}

/**
 * The refusal as the GraphQL door answers it. `spec: false` keeps the HTTP status also where the client accepts only
 * application/json, for which GraphQL over HTTP would otherwise answer 200.
 */
export function toGraphqlError(error: GuardError): GraphQLError {
  const headers = error.description === graphqlMethodNotAllowed ? { headers: { Allow: 'GET, POST' } } : {};
  return new GraphQLError(error.message, {
    extensions: {
      code: error.code,
      ...(error.limit === undefined ? {} : { limit: error.limit }),
      http: { status: error.status, spec: false, ...headers },
    },
  });
}

/** Runs `check`; what it refuses leaves as a GraphQLError. */
export function refusing<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof GuardError ? toGraphqlError(error) : error;
  }
}

/** Throws when `count` passes `limit`. `what` completes "The request has 31 …". */
export function assertWithin(description: ErrorDescription, what: string, count: number, limit: number): void {
  if (count > limit) throw new GuardError(description, `${description.message} At most ${limit} ${what}.`, limit);
}
