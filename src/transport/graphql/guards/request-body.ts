import type { FastifyInstance } from 'fastify';
import { GuardError, graphqlMediaTypeUnsupported, requestMalformed } from './guards.errors.ts';
import { isJson } from './request-guard.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Makes `scope` (an encapsulated Fastify plugin with the /graphql route alone) read bodies as GraphQL needs them: JSON in
 * strict UTF-8, nothing else. Fastify counts the bytes against `bodyLimit` while they come in; Yoga then takes the parsed
 * object from `request.body` and never touches the stream. Refusals are GuardErrors, 400 or 415, for the error handler.
 */
export function registerGraphqlBodyParsers(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      if (!isJson(request.headers['content-type'])) throw new GuardError(graphqlMediaTypeUnsupported);
      done(null, parseGraphqlBody(body));
    } catch (error) {
      done(error instanceof Error ? error : new GuardError(requestMalformed));
    }
  });
  scope.addContentTypeParser('*', (_request, _payload, done) => done(new GuardError(graphqlMediaTypeUnsupported)));
}

/**
 * The JSON object in `body`, or a list of them, which the door refuses by its own error. Throws a GuardError for invalid
 * UTF-8 (a lenient decoder would replace it, and two different texts would become one), for a byte order mark (RFC 8259,
 * 8.1), for invalid JSON, and for everything that is empty or no object: Yoga would take that for a body not read yet and
 * wait for a stream that has ended.
 */
export function parseGraphqlBody(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(body));
  } catch {
    throw new GuardError(requestMalformed);
  }
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) throw new GuardError(requestMalformed);
  return value;
}
