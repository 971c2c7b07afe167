import type { GraphQLError, GraphQLFormattedError } from 'graphql';

/**
 * An error as a WebSocket tells it: as HTTP's, with the correlation id of its connection, and without the status and headers
 * that only an HTTP answer has a place for.
 */
export function socketError(error: GraphQLError | GraphQLFormattedError, correlationId: string): GraphQLFormattedError {
  const formatted: GraphQLFormattedError = 'toJSON' in error ? error.toJSON() : error;
  const { http: _http, ...extensions } = formatted.extensions ?? {};
  return { ...formatted, extensions: { ...extensions, correlationId: extensions['correlationId'] ?? correlationId } };
}
