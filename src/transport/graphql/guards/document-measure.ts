import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import {
  assertWithin,
  GuardError,
  introspectionDisabled,
  queryTooComplex,
  queryTooDeep,
  queryTooLarge,
} from './guards.errors.ts';
import type { GraphqlLimits } from './limits.ts';

/** What one operation would come to with all its fragments expanded. */
export interface OperationMeasure {
  readonly fields: number;
  readonly rootFields: number;
  readonly aliases: number;
  readonly duplicates: number;
  readonly depth: number;
  readonly introspectionDepth: number;
}

export interface DocumentMeasure {
  readonly operations: readonly OperationMeasure[];
  /** Selections that were looked at: never more than the document has, however often its fragments are spread. */
  readonly visitedSelections: number;
}

/** The running sum of one selection set: what stands in it directly (`own…`) and what lies below. */
interface Sum {
  fields: number;
  aliases: number;
  depth: number;
  introspectionDepth: number;
  ownFields: number;
  /** Response keys, each with the type condition that it stands under: members of a union may share a key freely. */
  readonly ownKeys: Set<string>;
  duplicatesBelow: number;
}

const emptySum = (): Sum => ({
  fields: 0,
  aliases: 0,
  depth: 0,
  introspectionDepth: 0,
  ownFields: 0,
  ownKeys: new Set(),
  duplicatesBelow: 0,
});
const ownDuplicates = (sum: Sum): number => sum.ownFields - sum.ownKeys.size;

/**
 * Measures a document in one pass and throws a GuardError at the first limit that it passes. Each fragment is summed once
 * and its sum is added wherever it is spread, so a chain of fragments that doubles thirty times costs thirty additions. A
 * cycle adds nothing here: the specification's own rule refuses it afterwards.
 */
export function measureDocument(document: DocumentNode, limits: GraphqlLimits, introspection: boolean): DocumentMeasure {
  const operations: OperationDefinitionNode[] = [];
  const fragments: FragmentDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.push(definition);
  }
  assertWithin(queryTooLarge, 'operations are allowed in one document', operations.length, limits.operations);
  assertWithin(queryTooLarge, 'fragments are allowed in one document', fragments.length, limits.fragments);

  const fragmentByName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  const fragmentSums = new Map<FragmentDefinitionNode, Sum>();
  const beingSummed = new Set<FragmentDefinitionNode>();
  let visitedSelections = 0;
  let directives = 0;

  function countDirectives(nodes: readonly DirectiveNode[] | undefined): void {
    if (nodes === undefined || nodes.length === 0) return;
    assertWithin(queryTooComplex, 'directives are allowed in one place', nodes.length, limits.directivesPerLocation);
    directives += nodes.length;
    assertWithin(queryTooComplex, 'directives are allowed in one document', directives, limits.directives);
    for (const { arguments: args } of nodes) for (const argument of args ?? []) assertValueDepth(argument.value, limits, 0);
  }

  function addField(field: FieldNode, condition: string, sum: Sum): void {
    const name = field.name.value;
    const introspects = name === '__schema' || name === '__type';
    if (introspects && !introspection) throw new GuardError(introspectionDisabled);
    for (const argument of field.arguments ?? []) assertValueDepth(argument.value, limits, 0);
    sum.fields += 1;
    sum.ownFields += 1;
    sum.ownKeys.add(`${condition}.${field.alias?.value ?? name}`);
    if (field.alias !== undefined) sum.aliases += 1;
    const below = field.selectionSet === undefined ? emptySum() : sumOf(field.selectionSet, '');
    addBelow(sum, below);
    sum.duplicatesBelow += ownDuplicates(below);
    const introspectionDepth = introspects ? below.depth : below.introspectionDepth;
    sum.depth = Math.max(sum.depth, introspects ? 1 : below.depth + 1);
    sum.introspectionDepth = Math.max(sum.introspectionDepth, introspectionDepth === 0 ? 0 : introspectionDepth + 1);
  }

  function addFragment(name: string, sum: Sum): void {
    const fragment = fragmentByName.get(name);
    if (fragment === undefined) return;
    const spread = sumOfFragment(fragment);
    addBelow(sum, spread);
    sum.ownFields += spread.ownFields;
    for (const key of spread.ownKeys) sum.ownKeys.add(key);
    sum.depth = Math.max(sum.depth, spread.depth);
    sum.introspectionDepth = Math.max(sum.introspectionDepth, spread.introspectionDepth);
  }

  function addSelection(selection: SelectionNode, condition: string, sum: Sum): void {
    visitedSelections += 1;
    countDirectives(selection.directives);
    if (selection.kind === Kind.FIELD) addField(selection, condition, sum);
    else if (selection.kind === Kind.FRAGMENT_SPREAD) addFragment(selection.name.value, sum);
    else addSelections(selection.selectionSet, selection.typeCondition?.name.value ?? condition, sum);
  }

  function addSelections(set: SelectionSetNode, condition: string, sum: Sum): void {
    for (const selection of set.selections) {
      addSelection(selection, condition, sum);
      assertSum(sum, limits);
    }
  }

  function sumOf(set: SelectionSetNode, condition: string): Sum {
    const sum = emptySum();
    addSelections(set, condition, sum);
    return sum;
  }

  function sumOfFragment(fragment: FragmentDefinitionNode): Sum {
    const known = fragmentSums.get(fragment);
    if (known !== undefined) return known;
    if (beingSummed.has(fragment)) return emptySum();
    beingSummed.add(fragment);
    countDirectives(fragment.directives);
    const sum = sumOf(fragment.selectionSet, fragment.typeCondition.name.value);
    fragmentSums.set(fragment, sum);
    return sum;
  }

  function measureOperation(operation: OperationDefinitionNode): OperationMeasure {
    assertOperationName(operation.name?.value, limits);
    countDirectives(operation.directives);
    const variables = operation.variableDefinitions ?? [];
    assertWithin(queryTooComplex, 'variables are allowed', variables.length, limits.variables);
    for (const { directives: own, defaultValue } of variables) {
      countDirectives(own);
      if (defaultValue !== undefined) assertValueDepth(defaultValue, limits, 0);
    }
    const sum = sumOf(operation.selectionSet, '');
    assertWithin(queryTooComplex, 'fields are allowed at the root', sum.ownFields, limits.rootFields);
    // Depth is judged here alone: only an operation tells whether a fragment stands inside introspection.
    const { fields, aliases, depth, introspectionDepth } = sum;
    assertWithin(queryTooDeep, 'levels of fields are allowed', depth, limits.depth);
    assertWithin(queryTooDeep, 'levels of introspection are allowed', introspectionDepth, limits.introspectionDepth);
    const duplicates = sum.duplicatesBelow + ownDuplicates(sum);
    return { fields, rootFields: sum.ownFields, aliases, duplicates, depth, introspectionDepth };
  }

  // Fragments that nothing spreads, or that share a name, are summed too: validation would walk them all the same.
  for (const fragment of fragments) sumOfFragment(fragment);
  return { operations: operations.map(measureOperation), visitedSelections };
}

function addBelow(sum: Sum, below: Sum): void {
  sum.fields += below.fields;
  sum.aliases += below.aliases;
  sum.duplicatesBelow += below.duplicatesBelow;
}

function assertSum(sum: Sum, limits: GraphqlLimits): void {
  assertWithin(queryTooComplex, 'fields are allowed', sum.fields, limits.fields);
  assertWithin(queryTooComplex, 'aliases are allowed', sum.aliases, limits.aliases);
  const own = ownDuplicates(sum);
  assertWithin(queryTooComplex, 'repeated fields are allowed in one selection set', own, limits.duplicatesPerSelectionSet);
  assertWithin(queryTooComplex, 'repeated fields are allowed', sum.duplicatesBelow + own, limits.duplicates);
}

/** The name is echoed in logs and metrics, so it must stay short. */
export function assertOperationName(name: string | undefined, limits: GraphqlLimits): void {
  assertWithin(
    queryTooLarge,
    'characters are allowed in the name of an operation',
    name?.length ?? 0,
    limits.operationNameLength,
  );
}

function assertValueDepth(value: ValueNode, limits: GraphqlLimits, depth: number): void {
  if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return;
  assertWithin(queryTooDeep, 'levels of lists and objects are allowed in a value', depth + 1, limits.valueDepth);
  const items = value.kind === Kind.LIST ? value.values : value.fields.map((field) => field.value);
  for (const item of items) assertValueDepth(item, limits, depth + 1);
}
