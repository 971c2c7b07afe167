import type { GraphQLParams, Plugin } from 'graphql-yoga';
import {
  batchingDisabled,
  GuardError,
  graphqlMediaTypeUnsupported,
  graphqlMethodNotAllowed,
  preflightHeaderRequired,
  requestMalformed,
  toGraphqlError,
} from './guards.errors.ts';

/** A header that a browser sends to another site only after a CORS preflight; its value does not matter. */
export const preflightHeader = 'graphql-require-preflight';

/**
 * What may come in over HTTP (GraphQL over HTTP, 5): POST with JSON, and GET for queries with the preflight header. A page
 * of another site can send neither, which closes the door to cross-site request forgery and to timing what a GET answers.
 */
export function createRequestGuard(): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') {
        if (!request.headers.has(preflightHeader)) throw toGraphqlError(new GuardError(preflightHeaderRequired));
        setRequestParser(readQueryString);
      } else if (request.method !== 'POST') {
        throw toGraphqlError(new GuardError(graphqlMethodNotAllowed));
      } else if (!isJson(request.headers.get('content-type'))) {
        throw toGraphqlError(new GuardError(graphqlMediaTypeUnsupported));
      }
      return {
        onRequestParseDone({ requestParserResult }) {
          if (Array.isArray(requestParserResult)) throw toGraphqlError(new GuardError(batchingDisabled));
        },
      };
    },
  };
}

/** Whether a Content-Type is application/json, in UTF-8 if it names a charset. Two types in one header are none. */
export function isJson(contentType: string | null | undefined): boolean {
  return /^application\/json\s*(;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i.test(contentType ?? '');
}

function readQueryString(request: Request): GraphQLParams {
  const { searchParams } = new URL(request.url, 'http://localhost');
  const params: GraphQLParams & { documentId?: string } = {};
  for (const name of ['query', 'documentId', 'operationName', 'variables', 'extensions'] as const) {
    const [text, ...more] = searchParams.getAll(name);
    // A name given twice is read differently by a proxy and by us.
    if (more.length > 0)
      throw toGraphqlError(new GuardError(requestMalformed, `${requestMalformed.message} ${name} is given twice.`));
    if (text === undefined || text === '') continue;
    if (name === 'query' || name === 'documentId' || name === 'operationName') params[name] = text;
    else params[name] = parseObject(name, text);
  }
  return params;
}

function parseObject(name: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON: the same answer as for JSON that is no object.
  }
  throw toGraphqlError(new GuardError(requestMalformed, `${requestMalformed.message} ${name} must be a JSON object.`));
}
