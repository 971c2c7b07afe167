import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, getOperationAST, parse, validate } from 'graphql';
import { createSchema, createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import { later, paritySchema as schema } from '#tests/support/parity-schema.ts';
import { createJitPlugin, isCompilable, type JitOptions } from './jit.ts';

const serve = (plugins: Plugin[]) => createYoga({ schema, plugins, maskedErrors: false, logging: false });
const plain = serve([]);
const jit = serve([createJitPlugin({ maxEntries: 100, compileAfter: 0 })]);

/** The result as a client reads it; sibling fields may fail in any order. */
function asRead(result: unknown): unknown {
  const { errors, ...rest } = JSON.parse(JSON.stringify(result)) as ExecutionResult;
  return { ...rest, errors: errors?.toSorted((a, b) => JSON.stringify(a.path).localeCompare(JSON.stringify(b.path))) };
}

async function runBoth(query: string, variableValues: Record<string, unknown> = {}, operationName?: string) {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const args = { schema, document, variableValues, ...(operationName === undefined ? {} : { operationName }) };
  const [expected, actual] = await Promise.all(
    [plain, jit].map((yoga) => yoga.getEnveloped().execute({ ...args, contextValue: { steps: [] } })),
  );
  const operation = getOperationAST(document, operationName);
  return {
    expected: asRead(expected),
    actual: asRead(actual),
    compiled: operation != null && isCompilable(schema, document, operation),
  };
}

type Case = [name: string, query: string, variables?: Record<string, unknown>, operationName?: string];

const compiled: Case[] = [
  [
    'scalars, arguments and their defaults',
    '{ item { id label kind } again: item(id: "2", filter: { text: "x", deep: { sizes: 3 } }) { id label } }',
  ],
  ['lists, also of promises and of lists', '{ items(count: 3) { id kind label(upper: true) } matrix }'],
  ['__typename everywhere', '{ __typename item { __typename t: __typename } }'],
  ['null items of a list', '{ holes { id } }'],
  ['null where an item may not be null', '{ strict { id } matrix }'],
  ['null where the root may not be null', '{ nothing item { id } }'],
  ['null that spreads to the nearest nullable parent', '{ item { id parent { id broken } } }'],
  ['null below two levels that may not be null', '{ items { id child { id } } }'],
  ['an error thrown, rejected, and with extensions', '{ fails failsLate failsTyped item { id } }'],
  ['an error in a field that may not be null', '{ item { broken id } }'],
  ['several errors in one document', '{ fails nothing item { broken } }'],
  ['a value that is no leaf', '{ wrongLeaf }'],
  ['a value that is not of the enum', '{ kinds }'],
  [
    'what a resolver is told',
    'query q($id: ID!) { where item(id: $id) { ...f parent { seen } } items(count: 1) { s: seen } } fragment f on Item { seen }',
    { id: '7' },
  ],
  [
    'fragments and inline fragments that select the same',
    '{ item { ...f id ... on Item { id label } ... { kind } } } fragment f on Item { id label parent { id } }',
  ],
  [
    '@skip and @include, true',
    'query q($on: Boolean!) { item { id @include(if: $on) label @skip(if: $on) ...f @include(if: $on) } } fragment f on Item { kind parent { id @skip(if: $on) label } }',
    { on: true },
  ],
  [
    '@skip and @include, false',
    'query q($on: Boolean!) { item { id @include(if: $on) label @skip(if: $on) ...f @include(if: $on) } } fragment f on Item { kind parent { id @skip(if: $on) label } }',
    { on: false },
  ],
  [
    'a fragment that one place includes and another skips',
    'query q($a: Boolean!, $b: Boolean!) { item { ...f @include(if: $a) parent { ...f @skip(if: $b) id } ... on Item @skip(if: $b) { label } } } fragment f on Item { kind }',
    { a: false, b: true },
  ],
  [
    'one field under two conditions',
    'query q($a: Boolean!, $b: Boolean!) { item { id @include(if: $a) id @include(if: $b) } }',
    { a: false, b: true },
  ],
  ['a condition by default', 'query q($a: Boolean = false) { item { id @include(if: $a) label } }'],
  ['everything skipped', '{ item @skip(if: true) { id } }'],
  [
    'variables that are given',
    'query q($id: ID!, $f: Filter) { item(id: $id, filter: $f) { id label } }',
    { id: 5, f: { text: 'x', sizes: 9, kind: 'SMALL' } },
  ],
  [
    'variables that are absent, with and without default',
    'query q($id: ID! = "9", $f: Filter) { item(id: $id, filter: $f) { id label } }',
  ],
  ['a variable that is null', 'query q($f: Filter) { item(filter: $f) { label } }', { f: null }],
  [
    'lists of lists, and one item for a list',
    'query q($v: [[Int!]]) { lists(values: $v) one: lists(values: 1) }',
    { v: [[1], null, 2] },
  ],
  ['a custom scalar', 'query q($e: Even) { even(value: $e) }', { e: 4 }],
  ['a custom scalar that refuses its variable', 'query q($e: Even) { even(value: $e) }', { e: 3 }],
  ['a variable of a wrong type', 'query q($id: ID!) { item(id: $id) { id } }', { id: { a: 1 } }],
  ['a variable that is missing', 'query q($id: ID!) { item(id: $id) { id } }'],
  ['an unknown field in a variable', 'query q($f: Filter) { item(filter: $f) { id } }', { f: { text: 'x', odd: 1 } }],
  ['an unknown value of an enum in a variable', 'query q($f: Filter) { item(filter: $f) { id } }', { f: { kind: 'HUGE' } }],
  ['one operation of two', 'query a { item { id } } query b { items { id } }', {}, 'b'],
  ['mutations, one after the other', 'mutation { a: step(name: "a") b: step(name: "b") halt c: step(name: "c") }'],
];

const interpreted: Case[] = [
  ['an absent variable inside an object', 'query q($n: [Int!], $k: Kind) { item(filter: { sizes: $n, kind: $k }) { label } }'],
  [
    'variables inside an object and a list',
    'query q($n: Int!, $t: String! = "d") { item(filter: { sizes: [1, $n], text: $t }) { label } }',
    { n: 4 },
  ],
  ['an interface with a promised type', '{ named { name ... on Dog { barks } } }'],
  ['a union', '{ either { __typename ... on Dog { barks } ... on Cat { purrs name } } }'],
  ['an isTypeOf that says no, later', '{ guarded { id } }'],
  ['functions and promises as properties', '{ plain { computed later } }'],
  ['a recursive input object', 'query q($value: Endless) { endless(value: $value) }', { value: { again: { list: [{}] } } }],
  ['a oneOf input object', 'query q($by: Choice) { choose(by: $by) }', { by: { id: '1', name: 'x' } }],
  ['an alias that is called __proto__', '{ __proto__: item { id } }'],
  ['introspection', '{ __schema { queryType { name } } __type(name: "Item") { name } }'],
];

describe('createJitPlugin', () => {
  it.each(compiled)('answers as the executor does, compiled: %s', async (_name, ...request) => {
    const both = await runBoth(...request);
    expect(both.actual).toEqual(both.expected);
    expect(both.compiled).toBe(true);
  });

  it.each(interpreted)('leaves to the executor: %s', async (_name, ...request) => {
    const both = await runBoth(...request);
    expect(both.actual).toEqual(both.expected);
    expect(both.compiled).toBe(false);
  });

  it('answers with an error of another wording for a value that is no list', async () => {
    const { actual, expected } = await runBoth('{ notAList }');
    const place = { data: { notAList: null }, errors: [{ path: ['notAList'], locations: [{ line: 1, column: 3 }] }] };
    expect(actual).toMatchObject(place);
    expect(expected).toMatchObject(place);
  });

  it('compiles plain properties and isTypeOf too where the host vouches for them', async () => {
    const plainSchema = createSchema({
      typeDefs:
        'type Query { user: User users: [User!]! } type User { id: ID! name: String tags: [String!]! friend: User at: Float }',
      resolvers: {
        Query: { user: () => later(user), users: () => [user, user.friend, { id: null, tags: [] }] },
        User: { __isTypeOf: (value: object) => 'id' in value },
      },
    }) as GraphQLSchema;
    const user = { id: 1, name: 'Ann', tags: ['a', 'b'], friend: { id: 2, tags: [], at: 'no number' }, at: 1.5 };
    for (const text of [
      '{ user { id name tags at friend { id name tags } } }',
      '{ users { id } }',
      '{ user { friend { at __typename } } }',
    ]) {
      const document = parse(text);
      const operation = getOperationAST(document);
      expect(
        [false, true].map((vouched) => operation != null && isCompilable(plainSchema, document, operation, vouched)),
      ).toEqual([false, true]);
      const plugins = [createJitPlugin({ maxEntries: 10, compileAfter: 0, plainData: true })];
      const run = (own: Plugin[]) =>
        createYoga({ schema: plainSchema, plugins: own, maskedErrors: false, logging: false })
          .getEnveloped()
          .execute({ schema: plainSchema, document });
      expect(asRead(await run(plugins))).toEqual(asRead(await run([])));
    }
  });

  it('leaves subscriptions to the executor', () => {
    const document = parse('subscription { tick }');
    const operation = getOperationAST(document);
    expect(operation != null && isCompilable(schema, document, operation)).toBe(false);
  });

  /** Whether a run of each document, one after the other, is a compiled one. */
  function areCompiled(options: JitOptions, documents: readonly DocumentNode[]): boolean[] {
    const { onExecute } = createJitPlugin(options);
    return documents.map((document) => {
      let isCompiled = false;
      const setExecuteFn = (): void => {
        isCompiled = true;
      };
      onExecute?.({ args: { schema, document }, executeFn: execute, setExecuteFn } as never);
      return isCompiled;
    });
  }

  it('compiles only what comes again', () => {
    const a = parse('{ fails }');
    expect(areCompiled({ maxEntries: 2, compileAfter: 2 }, [a, a, a, a])).toEqual([false, false, true, true]);
  });

  it('keeps no more than it may, and drops what was used longest ago', () => {
    const [a, b, c] = [parse('{ fails }'), parse('{ where }'), parse('{ matrix }')];
    const runs = [a, a, b, b, a, c, c, a, b];
    expect(areCompiled({ maxEntries: 2, compileAfter: 1 }, runs)).toEqual([
      false,
      true,
      false,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  it('does not compile what would take long', () => {
    const fits = parse(`{ ${'item { id label kind parent { id } } '.repeat(16)} }`);
    const tooLarge = parse(`{ ${'item { id label kind parent { id } } '.repeat(17)} }`);
    expect(areCompiled({ maxEntries: 2, compileAfter: 0 }, [fits, tooLarge])).toEqual([true, false]);
  });
});
