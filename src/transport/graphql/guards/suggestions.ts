import { type ExecutionResult, GraphQLError } from 'graphql';

const suggestion = /\s*Did you mean [\s\S]*$/;

/** The same error without "Did you mean …", which would give away names of the schema to whoever guesses near them. */
export function withoutSuggestions(error: GraphQLError): GraphQLError {
  if (!suggestion.test(error.message)) return error;
  const { nodes, source, positions, path, originalError, extensions } = error;
  const message = error.message.replace(suggestion, '');
  return new GraphQLError(message, { nodes: nodes ?? null, source, positions, path, originalError, extensions });
}

/**
 * The same result without suggestions in the errors of variable coercion. Those have no path; an error of a resolver has
 * one, and what it says is the product's own text.
 */
export function withoutCoercionSuggestions<Result extends ExecutionResult>(result: Result): Result {
  if (result.errors === undefined || result.data != null) return result;
  const errors = result.errors.map((error) => (error.path === undefined ? withoutSuggestions(error) : error));
  return { ...result, errors };
}
