import { type ExecutionArgs, getOperationAST, getVariableValues, type ValidationRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createDocumentGuard, type DocumentGuardOptions } from './document-guard.ts';
import { GuardError, graphqlMethodNotAllowed, subscriptionNeedsSocket, toGraphqlError } from './guards.errors.ts';
import { assertParams } from './params-guard.ts';
import { createRequestGuard } from './request-guard.ts';
import { withoutCoercionSuggestions } from './suggestions.ts';

export { createParserCaches } from './document-cache.ts';
export { defaultGraphqlLimits, type GraphqlLimits } from './limits.ts';
export { assertParams } from './params-guard.ts';
export { registerGraphqlBodyParsers } from './request-body.ts';
export { preflightHeader } from './request-guard.ts';

export type GraphqlGuardOptions = DocumentGuardOptions;

/**
 * Everything between the HTTP body and execution, in the order in which it is asked: the request, its parameters, the
 * document, the text of errors. They come first in Yoga's list of plugins, before its caches, so that nothing too large
 * becomes a key of a cache. The document and its verdict are then cached: a document that is sent again is not measured
 * again. A door without HTTP that uses Yoga's `getEnveloped` has all but the first.
 */
export function createGraphqlGuards(options: GraphqlGuardOptions): Plugin[] {
  const plugins = [
    createRequestGuard(),
    createParamsPlugin(options),
    createDocumentPlugin(options),
    createVariablesPlugin(options),
  ];
  return options.suggestions ? plugins : [...plugins, createSuggestionsPlugin()];
}

/**
 * Reads the variables before the executor does, which would collect fifty errors, each with the whole value in it: a quarter
 * of a megabyte of unknown keys would hold up everybody for a second.
 */
function createVariablesPlugin({ limits, suggestions }: GraphqlGuardOptions): Plugin {
  const errorsOf = ({ schema, document, operationName, variableValues }: ExecutionArgs) => {
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    if (definitions.length === 0) return undefined;
    const options = { maxErrors: limits.variableErrors, hideSuggestions: !suggestions };
    return getVariableValues(schema, definitions, variableValues ?? {}, options).errors;
  };
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const errors = errorsOf(args);
      if (errors) setResultAndStopExecution({ errors });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const errors = errorsOf(args);
      if (errors) setResultAndStopExecution({ errors });
    },
  };
}

function createParamsPlugin({ limits }: GraphqlGuardOptions): Plugin {
  return {
    onParams({ params }) {
      assertParams(params, limits);
    },
  };
}

function createDocumentPlugin(options: GraphqlGuardOptions): Plugin {
  const guard = createDocumentGuard(options);
  return {
    onParse({ params: { source }, setParseFn }) {
      guard.assertSize(source);
      setParseFn(guard.parse);
      return ({ result, context }) => {
        // Thrown here rather than left to Yoga, which would keep the refused document in its cache of errors.
        if (result instanceof Error) {
          if ('extensions' in result && isRefusal(result.extensions)) throw result;
          return;
        }
        // Only what came by HTTP has a request.
        if (result === null || context.request === undefined) return;
        const operation = getOperationAST(result, context.params?.operationName)?.operation;
        if (operation === 'mutation' && context.request.method === 'GET')
          throw toGraphqlError(new GuardError(graphqlMethodNotAllowed));
        // Yoga would stream it as server-sent events, and nothing would end that stream together with its session.
        if (operation === 'subscription') throw toGraphqlError(new GuardError(subscriptionNeedsSocket));
      };
    },
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document, rules) => guard.validate(schema, document, rules as readonly ValidationRule[]));
    },
  };
}

const isRefusal = (extensions: unknown): boolean => typeof extensions === 'object' && extensions !== null && 'code' in extensions;

function createSuggestionsPlugin(): Plugin {
  return {
    onExecute: () => ({
      onExecuteDone({ result, setResult }) {
        if ('errors' in result) setResult(withoutCoercionSuggestions(result));
      },
    }),
    onSubscribe: () => ({
      onSubscribeResult({ result, setResult }) {
        if ('errors' in result) setResult(withoutCoercionSuggestions(result));
      },
    }),
  };
}
