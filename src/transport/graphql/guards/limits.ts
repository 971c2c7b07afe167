/**
 * How large, deep and complex one GraphQL request may be. Counts are per operation, with every fragment expanded where it
 * is spread, because that is the work a request can cause; those that say "in the document" count what is written.
 */
export interface GraphqlLimits {
  /** UTF-8 bytes of the document; checked before anything reads it. */
  readonly documentBytes: number;
  /** Lexical tokens of the document; the lexer stops at the first one too many. */
  readonly tokens: number;
  /** Operations in the document. */
  readonly operations: number;
  /** Fragment definitions in the document. */
  readonly fragments: number;
  /** Characters of an operation's name. */
  readonly operationNameLength: number;
  /** Nested fields. The subtree of `__schema` and `__type` has its own limit below. */
  readonly depth: number;
  readonly introspectionDepth: number;
  readonly rootFields: number;
  readonly fields: number;
  readonly aliases: number;
  /** Fields whose response key was already selected in the same selection set under the same type condition. */
  readonly duplicatesPerSelectionSet: number;
  readonly duplicates: number;
  /** Directives in the document. */
  readonly directives: number;
  readonly directivesPerLocation: number;
  /** Nested lists and objects in one argument or default value. */
  readonly valueDepth: number;
  /** Variables that an operation declares, or that a request carries. */
  readonly variables: number;
  /** Nested lists and objects in the JSON of `variables` and `extensions`. */
  readonly variableDepth: number;
  /** Keys of one object in that JSON: each that the schema does not know makes an error that quotes the whole object. */
  readonly variableKeys: number;
  /** Values in all of that JSON, lists and objects included. */
  readonly variableValues: number;
  /** Errors after which validation gives up. */
  readonly validationErrors: number;
  /** Errors after which reading the variables gives up. Each of them may quote all of its variable. */
  readonly variableErrors: number;
}

/** Generous for a client written by hand or by a generator, and small enough that no document costs more than a few ms. */
export const defaultGraphqlLimits: GraphqlLimits = {
  documentBytes: 32 * 1024,
  tokens: 2_000,
  operations: 10,
  fragments: 30,
  operationNameLength: 100,
  depth: 12,
  introspectionDepth: 20,
  rootFields: 20,
  fields: 1_000,
  aliases: 30,
  duplicatesPerSelectionSet: 40,
  duplicates: 100,
  directives: 20,
  directivesPerLocation: 5,
  valueDepth: 20,
  variables: 50,
  variableDepth: 20,
  variableKeys: 100,
  variableValues: 2_000,
  validationErrors: 10,
  variableErrors: 3,
};
