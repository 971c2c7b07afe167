import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult } from 'graphql';
import type { GraphqlContext } from './builder.ts';
import { createSourceCache } from './guards/document-cache.ts';
import type { KnownOperations } from './known-operations.ts';

export interface FastPathDeps {
  readonly known: KnownOperations;
  /** Finds out who asks. */
  readonly contextOf: (request: FastifyRequest, reply: FastifyReply) => Promise<GraphqlContext>;
  /** The result as a client may see it: its errors masked. */
  readonly shown: (result: ExecutionResult) => ExecutionResult;
}

/** An answer, or what the engine has to be handed so that nothing is done twice. */
export type Attempt =
  | { readonly body: string; readonly contentType: string }
  | { readonly body?: undefined; readonly context?: Promise<GraphqlContext>; readonly executed?: ExecutionResult };

/**
 * Answers operations that the engine knows and that succeed, without the engine. Everything else goes by the engine: an
 * unknown operation whole, a refused credential or variables that do not fit with the context that was made, and a result
 * with errors only to be answered, since what ran must not run again. So all refusals are worded in one place.
 */
export interface FastPath {
  attempt(request: FastifyRequest, reply: FastifyReply): Promise<Attempt>;
  /** Notes which media type the engine chose for this request's Accept header: the choice is made in one place too. */
  learnContentType(request: Asking, contentType: string | null): void;
}

interface Asking {
  readonly method: string;
  readonly headers: { readonly accept?: string | undefined };
}

const toEngine: Attempt = {};
// Clients send one or two of them. Whoever sends many odd ones pushes out only what nobody uses.
const longestAcceptHeader = 200;
const acceptHeaders = { maxEntries: 50, maxSourceLength: 50 * longestAcceptHeader };

export function createFastPath({ known, contextOf, shown }: FastPathDeps): FastPath {
  const contentTypes = createSourceCache<string>(acceptHeaders);

  return {
    attempt: async (request, reply) => {
      const contentType = contentTypes.get(request.headers.accept ?? '');
      const operation = request.method === 'POST' && contentType !== undefined ? known.find(request.body) : undefined;
      if (!operation || contentType === undefined) return toEngine;
      const context = contextOf(request, reply);
      // The engine is handed the same promise and says what is wrong.
      const settled = await context.catch(() => undefined);
      if (!settled) return { context };
      const result = await operation.run(settled, operation.variables);
      if (result.data === undefined) return { context };
      if (result.errors !== undefined) return { context, executed: shown(result) };
      return { body: JSON.stringify(result), contentType };
    },
    learnContentType: ({ method, headers: { accept = '' } }, contentType) => {
      if (method !== 'POST' || contentType === null || accept.length > longestAcceptHeader) return;
      contentTypes.set(accept, contentType);
    },
  };
}
