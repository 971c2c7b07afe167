import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  type Source,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { measureDocument } from './document-measure.ts';
import { assertWithin, GuardError, queryTooDeep, queryTooLarge, refusing, toGraphqlError } from './guards.errors.ts';
import type { GraphqlLimits } from './limits.ts';
import { withoutSuggestions } from './suggestions.ts';

export interface DocumentGuardOptions {
  readonly limits: GraphqlLimits;
  /** Whether `__schema` and `__type` may be asked for. */
  readonly introspection: boolean;
  /** Whether errors may propose names of the schema ("Did you mean …"). */
  readonly suggestions: boolean;
}

export interface DocumentGuard {
  /** Throws a GraphQLError (QUERY_TOO_LARGE) if the document has too many bytes. Cheap: to be called before any cache. */
  assertSize(source: string | Source): void;
  /** Parses within the size limits. Throws a GraphQLError: QUERY_TOO_LARGE, QUERY_TOO_DEEP, or a syntax error. */
  parse(source: string | Source): DocumentNode;
  /**
   * Measures the document against the limits and, if it is within them, validates it against the schema. What it answers
   * depends on the document alone, so it may be cached by document.
   */
  validate(schema: GraphQLSchema, document: DocumentNode, rules?: readonly ValidationRule[]): readonly GraphQLError[];
}

/** The checks that need only the document: for any door that speaks GraphQL, over HTTP or a socket. */
export function createDocumentGuard({ limits, introspection, suggestions }: DocumentGuardOptions): DocumentGuard {
  const assertSize = (source: string | Source): void => refusing(() => assertDocumentSize(bodyOf(source), limits));
  return {
    assertSize,
    parse(source) {
      assertSize(source);
      try {
        return parse(source, { maxLexicalTokens: limits.tokens });
      } catch (error) {
        // Lists and objects within each other use up the stack before they are too many tokens.
        if (error instanceof RangeError) throw toGraphqlError(new GuardError(queryTooDeep));
        throw isTokenLimit(error) ? toGraphqlError(tooManyTokens(limits)) : error;
      }
    },
    validate(schema, document, rules = specifiedRules) {
      try {
        measureDocument(document, limits, introspection);
      } catch (error) {
        // The rules are not run: some of them cost the square of what the limits bound.
        if (error instanceof GuardError) return [toGraphqlError(error)];
        throw error;
      }
      const options = { maxErrors: limits.validationErrors, hideSuggestions: !suggestions };
      const errors = validate(schema, document, rules, options);
      return suggestions ? errors : errors.map(withoutSuggestions);
    },
  };
}

const bodyOf = (source: string | Source): string => (typeof source === 'string' ? source : source.body);

function assertDocumentSize(text: string, limits: GraphqlLimits): void {
  // A UTF-16 code unit is at least one byte of UTF-8, so a long text need not be counted byte by byte.
  const bytes = text.length > limits.documentBytes ? text.length : Buffer.byteLength(text);
  assertWithin(queryTooLarge, 'bytes are allowed', bytes, limits.documentBytes);
}

const tooManyTokens = ({ tokens }: GraphqlLimits): GuardError =>
  new GuardError(queryTooLarge, `${queryTooLarge.message} At most ${tokens} tokens are allowed.`, tokens);

// graphql-js has no code for it, only this text; its spelling ("more that") may be mended one day.
const isTokenLimit = (error: unknown): boolean =>
  error instanceof GraphQLError && /^Syntax Error: Document contains more tha[tn] \d+ tokens/.test(error.message);
