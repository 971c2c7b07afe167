import { assertOperationName } from './document-measure.ts';
import { assertWithin, GuardError, queryTooComplex, queryTooDeep, refusing, requestMalformed } from './guards.errors.ts';
import type { GraphqlLimits } from './limits.ts';

/** What a GraphQL request carries beside its document; not yet checked for its types. */
export interface UncheckedParams {
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/**
 * Throws a GraphQLError if the operation's name is too long, or the variables or extensions are too many, too deep or hold
 * a `__proto__` key. Values of a wrong type pass: the doors refuse those themselves.
 */
export function assertParams({ operationName, variables, extensions }: UncheckedParams, limits: GraphqlLimits): void {
  refusing(() => {
    if (typeof operationName === 'string') assertOperationName(operationName, limits);
    if (isObject(variables)) {
      assertWithin(queryTooComplex, 'variables are allowed', Object.keys(variables).length, limits.variables);
    }
    assertJson(variables, limits);
    assertJson(extensions, limits);
  });
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Level by level instead of by recursion, so that depth costs no stack. */
function assertJson(value: unknown, limits: GraphqlLimits): void {
  let level = [value].filter(isObject);
  let total = 0;
  for (let depth = 1; level.length > 0; depth += 1) {
    assertWithin(queryTooDeep, 'levels are allowed in variables', depth, limits.variableDepth);
    const below: object[] = [];
    for (const item of level) {
      if (Object.hasOwn(item, '__proto__')) throw new GuardError(requestMalformed);
      const values: unknown[] = Object.values(item);
      total += values.length;
      if (!Array.isArray(item))
        assertWithin(queryTooComplex, 'keys are allowed in an object of the variables', values.length, limits.variableKeys);
      assertWithin(queryTooComplex, 'values are allowed in the variables', total, limits.variableValues);
      for (const inner of values) if (isObject(inner)) below.push(inner);
    }
    level = below;
  }
}
