import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { GuardError, refusing, toGraphqlError } from '../guards/guards.errors.ts';
import { persistedQueryOnly } from './registered.errors.ts';
import type { DocumentParams, RegisteredOperations } from './registered-operations.ts';

/**
 * Puts the registered document in the place of its id, after the guards on parameters and before the engine looks at them:
 * from here on it is a request like any other. Where only registered documents may run, it refuses the others when they are to
 * be parsed, which every way into the engine comes by.
 */
export function createRegisteredPlugin(registered: RegisteredOperations): Plugin {
  return {
    onParams({ params, setParams }) {
      const query = refusing(() => registered.queryOf(params));
      if (query === undefined) return;
      const { documentId: _, ...rest } = params as GraphQLParams & DocumentParams;
      setParams({ ...rest, query });
    },
    onParse({ params: { source } }) {
      const text = typeof source === 'string' ? source : source.body;
      if (!registered.allows(text)) throw toGraphqlError(new GuardError(persistedQueryOnly));
    },
  };
}
