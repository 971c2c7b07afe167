import {
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isInputObjectType,
  isObjectType,
  Kind,
  type ListValueNode,
  type ObjectValueNode,
  type OperationDefinitionNode,
  type Source,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';
import type { GraphqlContext } from './builder.ts';
import { measureDocument } from './guards/document-measure.ts';
import { defaultGraphqlLimits } from './guards/limits.ts';
import type { RunOperation } from './known-operations.ts';

export interface JitOptions {
  /** Operations that are kept compiled at most; the one used longest ago goes first. */
  readonly maxEntries: number;
  /** How often an operation must have run before it is compiled: compiling costs as much as running it a hundred times. */
  readonly compileAfter?: number;
  /**
   * Vouches that what resolvers return is plain data, whose properties are neither functions nor promises nor throw when
   * read, and that every `isTypeOf` answers at once from the value alone and never throws. Compiled code then reads
   * properties by itself; a type that breaks the promise gives wrong answers. Without it such fields are interpreted.
   */
  readonly plainData?: boolean;
  /** Told of an operation that a request just asked for and that is compiled: from then on it can be run without the engine. */
  readonly onCompiled?: (executed: ExecutionArgs, run: RunOperation) => void;
}

/** A compiled operation, or that it must be interpreted. */
type Plan = CompiledQuery | 'interpret';

/**
 * Runs operations that come again as compiled functions instead of interpreting their documents. The answers are the same, but
 * for `typename` in the `info.path` of resolvers, which is absent:
 * what the compiler would answer otherwise is left to the ordinary executor (see `isCompilable`), and so is whatever fails
 * to compile.
 */
export function createJitPlugin({ maxEntries, compileAfter = 3, plainData = false, onCompiled }: JitOptions): Plugin {
  const plans = new Map<OperationDefinitionNode, Plan>();
  // Keyed by the document's own node, weakly: what Yoga's cache of documents drops is forgotten here as well.
  const runs = new WeakMap<OperationDefinitionNode, number>();

  function planOf(operation: OperationDefinitionNode, { schema, document }: ExecutionArgs): Plan {
    const known = plans.get(operation);
    if (known !== undefined) {
      plans.delete(operation);
      plans.set(operation, known);
      return known;
    }
    const run = (runs.get(operation) ?? 0) + 1;
    runs.set(operation, run);
    if (run <= compileAfter) return 'interpret';
    const plan = planFor(schema, document, operation, plainData);
    plans.set(operation, plan);
    for (const oldest of plans.keys()) {
      if (plans.size <= maxEntries) break;
      plans.delete(oldest);
      runs.delete(oldest);
    }
    return plan;
  }

  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const operation = getOperationAST(args.document, args.operationName);
      if (operation == null) return;
      const plan = planOf(operation, args);
      if (plan === 'interpret') return;
      const run = runOf(plan, args.document);
      onCompiled?.(args, run);
      setExecuteFn((executed: ExecutionArgs) => {
        const result = run(executed.contextValue as GraphqlContext, executed.variableValues ?? undefined);
        return result instanceof Promise ? result.then((late) => settle(late, executed)) : settle(result, executed);
      });

      // No data at all: the variables did not fit and nothing has run. The executor says so in the words clients know.
      function settle(result: ExecutionResult, executed: ExecutionArgs): unknown {
        return result.data === undefined ? executeFn(executed) : result;
      }
    },
  };
}

/**
 * One operation of a validated document, compiled before anybody asked for it; undefined where it must be interpreted.
 * `plainData` as for `createJitPlugin`.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | undefined,
  plainData: boolean,
): RunOperation | undefined {
  const operation = getOperationAST(document, operationName);
  const plan = operation ? planFor(schema, document, operation, plainData) : 'interpret';
  return plan === 'interpret' ? undefined : runOf(plan, document);
}

function planFor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, plainData: boolean): Plan {
  if (!isCompilable(schema, document, operation, plainData) || !isWorthCompiling(document)) return 'interpret';
  return compile(schema, document, operation.name?.value);
}

function runOf(plan: CompiledQuery, document: DocumentNode): RunOperation {
  // Errors first, as the executor puts them: whoever reads the answer sees them first (GraphQL, 7.1).
  const located = ({ errors, ...result }: ExecutionResult): ExecutionResult =>
    errors === undefined ? result : { errors: errors.map((error) => locate(error, document)), ...result };
  return (context, variables) => {
    const result = plan.query(undefined, context, variables ?? {});
    return result instanceof Promise ? result.then(located) : located(result);
  };
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): Plan {
  const compiled = compileQuery(schema, document, operationName, { useExperimentalPathBasedSkipInclude: true });
  return isCompiledQuery(compiled) ? compiled : 'interpret';
}

/**
 * Whether graphql-jit 0.8 answers this document as the executor does. It does not:
 * - for fields without a resolver: it reads the property where the executor also calls functions and awaits promises
 *   (unless `plainData`);
 * - for abstract types, and for `isTypeOf` (unless `plainData`): it takes a promise for a type, and a throw inside one
 *   leaves the request hanging;
 * - for `oneOf` input objects, which it does not know, and for recursive ones, on which it never ends;
 * - for a variable inside a list or object that the document spells out: an absent one becomes null;
 * - for a response key `__proto__`, which becomes the prototype of the answer;
 * - for subscriptions, introspection, and directives other than @include and @skip.
 */
export function isCompilable(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  plainData = false,
): boolean {
  if (operation.operation === 'subscription') return false;
  const typeInfo = new TypeInfo(schema);
  let compilable = true;
  const refuse = (): typeof BREAK => {
    compilable = false;
    return BREAK;
  };
  visit(
    document,
    visitWithTypeInfo(typeInfo, {
      enter(node) {
        if (node.kind === Kind.DIRECTIVE)
          return node.name.value === 'include' || node.name.value === 'skip' ? undefined : refuse();
        if (node.kind === Kind.SELECTION_SET) {
          const type = typeInfo.getParentType();
          return isAbstractType(type) || (isObjectType(type) && type.isTypeOf != null && !plainData) ? refuse() : undefined;
        }
        if (node.kind === Kind.OBJECT || node.kind === Kind.LIST) return holdsVariable(node) ? refuse() : undefined;
        if (node.kind !== Kind.FIELD) return undefined;
        const { value: name } = node.alias ?? node.name;
        const field = typeInfo.getFieldDef();
        if (name === '__proto__' || node.name.value === '__schema' || node.name.value === '__type') return refuse();
        if (node.name.value === '__typename') return undefined;
        if (field == null || (field.resolve === undefined && !plainData)) return refuse();
        return field.args.every(({ type }) => isCompilableInput(type)) ? undefined : refuse();
      },
    }),
  );
  return compilable;
}

/** Fields with all fragments expanded. Compiling a hundred takes some 7 ms and keeps 0.2 MB; the compiler has no limit of its own. */
const compilableFields = 100;

function isWorthCompiling(document: DocumentNode): boolean {
  try {
    measureDocument(document, { ...defaultGraphqlLimits, fields: compilableFields }, true);
    return true;
  } catch {
    return false;
  }
}

const holdsVariable = (value: ObjectValueNode | ListValueNode): boolean =>
  (value.kind === Kind.LIST ? value.values : value.fields.map((field) => field.value)).some(({ kind }) => kind === Kind.VARIABLE);

/**
 * Whether a value of this type can be read by compiled code: no `oneOf` in it, and no input object inside itself, which the
 * compiler would unfold until the memory is full.
 */
function isCompilableInput(type: GraphQLInputType, within: readonly GraphQLInputType[] = []): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named)) return true;
  if (named.isOneOf || within.includes(named)) return false;
  return Object.values(named.getFields()).every((field) => isCompilableInput(field.type, [...within, named]));
}

/** The error with its place in the source, in the form from which a door that copies errors can copy it. */
function locate(error: GraphQLError, document: DocumentNode): GraphQLError {
  const { message, path, originalError, extensions, locations } = error;
  const source = document.loc?.source;
  const positions = source === undefined ? undefined : locations?.map((location) => offsetOf(source, location));
  return new GraphQLError(message, { source, positions, path, originalError, extensions });
}

function offsetOf(source: Source, { line, column }: { line: number; column: number }): number {
  const before = source.body.split(/(?<=\r\n|\n|\r(?!\n))/).slice(0, line - 1);
  return before.join('').length + column - 1;
}
