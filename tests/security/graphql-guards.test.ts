import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GuardedServer, postGraphql, startGuardedServer } from '#tests/support/guarded-graphql-server.ts';
import { defaultGraphqlLimits as limits } from '#transport/graphql/guards/index.ts';

/** Attacks by the document and its variables, over HTTP: each at its limit, and one step over. */

let server: GuardedServer;
let open: GuardedServer;
beforeAll(async () => {
  server = await startGuardedServer();
  open = await startGuardedServer({ introspection: true, suggestions: true });
});
afterAll(async () => {
  await server.close();
  await open.close();
});

const times = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

const fields = (depth: number): string => (depth === 1 ? 'id' : `child { ${fields(depth - 1)} }`);
const inlined = (depth: number): string => (depth === 1 ? 'id' : `... on Node { child { ${inlined(depth - 1)} } }`);
const chained = (depth: number, at = 1): string =>
  `fragment f${at} on Node { ${at === depth ? 'id' : `child { ...f${at + 1} }`} } ${at === depth ? '' : chained(depth, at + 1)}`;
/** A fragment that reaches 2^(depth + 1) - 1 fields in a few lines. */
const doubling = (depth: number, at = 1): string =>
  `fragment f${at} on Node { ${at === depth ? 'id name' : `child { ...f${at + 1} } children { ...f${at + 1} }`} } ${at === depth ? '' : doubling(depth, at + 1)}`;
const objectValue = (depth: number): string => (depth === 1 ? '{}' : `{ tree: ${objectValue(depth - 1)} }`);
const listValue = (depth: number): string =>
  depth === 1 ? '{}' : depth === 2 ? '{ trees: [] }' : `{ trees: [${listValue(depth - 2)}] }`;
const tree = (depth: number): object => (depth === 1 ? {} : { tree: tree(depth - 1) });

type Request = readonly [query: string, rest?: Record<string, unknown>];
type Attack = readonly [name: string, code: string, within: number, over: number, request: (count: number) => Request];

/** An attack that has `limit` of something, or one more. */
const at = (name: string, code: string, limit: number, request: (count: number) => Request): Attack => [
  name,
  code,
  limit,
  limit + 1,
  request,
];

const attacks: readonly Attack[] = [
  at('a document of many bytes', 'QUERY_TOO_LARGE', limits.documentBytes, (bytes) => [`{ __typename }${' '.repeat(bytes - 14)}`]),
  at('a document of few characters and many bytes', 'QUERY_TOO_LARGE', limits.documentBytes, (bytes) => [
    `{ __typename }${' '.repeat(bytes % 2)}#x${'é'.repeat((bytes - 16) >> 1)}`,
  ]),
  at('a document of many tokens', 'QUERY_TOO_LARGE', limits.tokens, (tokens) => [
    `${tokens % 2 === 0 ? 'query' : ''} { echo(tree: { trees: [${'{}'.repeat((tokens - 13) >> 1)}] }) }`,
  ]),
  at('many operations', 'QUERY_TOO_LARGE', limits.operations, (count) => [
    times(count, (i) => `query q${i} { __typename }`),
    { operationName: 'q0' },
  ]),
  at('many fragments', 'QUERY_TOO_LARGE', limits.fragments, (count) => [
    `{ node { ${times(count, (i) => `...f${i}`)} } } ${times(count, (i) => `fragment f${i} on Node { id }`)}`,
  ]),
  at('a long name of an operation', 'QUERY_TOO_LARGE', limits.operationNameLength, (length) => [
    `query ${'q'.repeat(length)} { __typename }`,
  ]),
  at('nested fields', 'QUERY_TOO_DEEP', limits.depth, (depth) => [`{ node { ${fields(depth - 1)} } }`]),
  at('nested fields inside inline fragments', 'QUERY_TOO_DEEP', limits.depth, (depth) => [`{ node { ${inlined(depth - 1)} } }`]),
  at('nested fields along a chain of fragments', 'QUERY_TOO_DEEP', limits.depth, (depth) => [
    `{ node { ...f1 } } ${chained(depth - 1)}`,
  ]),
  at('aliases of a field', 'QUERY_TOO_COMPLEX', limits.aliases, (count) => [`{ node { ${times(count, (i) => `a${i}: id`)} } }`]),
  at('aliases of __typename', 'QUERY_TOO_COMPLEX', limits.aliases, (count) => [
    `{ node { ${times(count, (i) => `a${i}: __typename`)} } }`,
  ]),
  at('aliases in a fragment that is spread twice', 'QUERY_TOO_COMPLEX', limits.aliases, (count) => [
    `{ node { ...f child { ...f ${count % 2 === 0 ? '' : 'odd: id'} } } } fragment f on Node { ${times(count >> 1, (i) => `a${i}: id`)} }`,
  ]),
  at('directives all over the document', 'QUERY_TOO_COMPLEX', limits.directives, (count) => [
    `{ node { ${times(count, () => 'id @include(if: true)')} } }`,
  ]),
  at('one field again and again', 'QUERY_TOO_COMPLEX', limits.duplicatesPerSelectionSet, (count) => [
    `{ node { ${times(count + 1, () => 'id')} } }`,
  ]),
  at('one fragment again and again', 'QUERY_TOO_COMPLEX', limits.duplicatesPerSelectionSet, (count) => [
    `{ node { ${times(count + 1, () => '...f')} } } fragment f on Node { id }`,
  ]),
  at('repeated fields in several selection sets', 'QUERY_TOO_COMPLEX', limits.duplicates, (count) => [
    `{ node { ${times(35, () => 'id')} child { ${times(35, () => 'id')} child { ${times(count - 67, () => 'id')} } } } }`,
  ]),
  at('fields at the root', 'QUERY_TOO_COMPLEX', limits.rootFields, (count) => [
    `{ ${times(count, (i) => `a${i}: __typename`)} }`,
  ]),
  ['fields multiplied by fragments', 'QUERY_TOO_COMPLEX', 8, 9, (depth) => [`{ node { ...f1 } } ${doubling(depth)}`]],
  at('declared variables', 'QUERY_TOO_COMPLEX', limits.variables, (count) => [
    `query q(${times(count, (i) => `$v${i}: Tree! = {}`)}) { echo(tree: { trees: [${times(count, (i) => `$v${i}`)}] }) }`,
  ]),
  at('values in the variables', 'QUERY_TOO_COMPLEX', limits.variables, (count) => [
    '{ __typename }',
    { variables: Object.fromEntries(Array.from({ length: count }, (_, i) => [`v${i}`, 1])) },
  ]),
  at('nested objects as an argument', 'QUERY_TOO_DEEP', limits.valueDepth, (depth) => [`{ echo(tree: ${objectValue(depth)}) }`]),
  at('nested lists and objects as an argument', 'QUERY_TOO_DEEP', limits.valueDepth, (depth) => [
    `{ echo(tree: ${listValue(depth)}) }`,
  ]),
  at('nested objects as a default', 'QUERY_TOO_DEEP', limits.valueDepth, (depth) => [
    `query q($t: Tree = ${objectValue(depth)}) { echo(tree: $t) }`,
  ]),
  at('nested variables', 'QUERY_TOO_DEEP', limits.variableDepth, (depth) => [
    'query q($t: Tree) { echo(tree: $t) }',
    { variables: { t: tree(depth - 1) } },
  ]),
  at('nested extensions', 'QUERY_TOO_DEEP', limits.variableDepth, (depth) => ['{ __typename }', { extensions: tree(depth) }]),
];

describe('limits of a GraphQL request', () => {
  it.each(attacks)('%s: passes within the limit', async (_name, _code, within, _over, request) => {
    const answer = await postGraphql(server.url, ...request(within));
    expect(answer).toMatchObject({ status: 200, errors: [] });
    expect(answer.data).toBeTruthy();
  });

  it.each(attacks)('%s: is refused as %s over the limit', async (_name, code, _within, over, request) => {
    const answer = await postGraphql(server.url, ...request(over));
    expect(answer).toMatchObject({ status: 400, code, data: undefined });
    expect(answer.errors).toHaveLength(1);
    expect(answer.errors[0]?.extensions).not.toHaveProperty('http');
  });

  it('refuses a directive repeated in one place, and lets as many as the limit through to validation', async () => {
    const repeated = (count: number): string => `{ __typename ${times(count, () => '@aa')} }`;
    expect((await postGraphql(server.url, repeated(limits.directivesPerLocation))).code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect((await postGraphql(server.url, repeated(limits.directivesPerLocation + 1))).code).toBe('QUERY_TOO_COMPLEX');
  });

  it('refuses a second time, from the cache, as it did the first time', async () => {
    const query = `{ node { ${fields(limits.depth)} } }`;
    const first = await postGraphql(server.url, query);
    expect(await postGraphql(server.url, query)).toEqual(first);
  });

  it('stops a hundred sign-ins in one document before a single one runs', async () => {
    const query = `mutation { ${times(100, (i) => `a${i}: login(password: "${i}") { __typename }`)} }`;
    expect(await postGraphql(server.url, query)).toMatchObject({ status: 400, code: 'QUERY_TOO_COMPLEX' });
    expect(server.calls.login).toBe(0);
  });

  it('lets the members of a union select fields of the same name', async () => {
    const search = times(20, (i) => `s${i}: search { ... on Found { id } ... on Missing { id reason } }`);
    expect((await postGraphql(server.url, `{ ${search} }`)).errors).toEqual([]);
  });

  it('ends validation after a few errors', async () => {
    const answer = await postGraphql(server.url, `{ ${times(20, (i) => `unknown${i}`)} }`);
    expect(answer.errors).toHaveLength(limits.validationErrors + 1);
  });
});

describe('fragments that refer to each other', () => {
  it.each([
    ['itself', '{ node { ...a } } fragment a on Node { id ...a }'],
    ['a ring', '{ node { ...a } } fragment a on Node { child { ...b } } fragment b on Node { child { ...a } }'],
    ['a ring that nothing uses', '{ __typename } fragment a on Node { ...b } fragment b on Node { ...a }'],
  ])('refuses a fragment that spreads %s, without a crash', async (_name, query) => {
    const answer = await postGraphql(server.url, query);
    expect(answer.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(JSON.stringify(answer.errors)).toContain('Cannot spread fragment');
  });

  it('measures every definition of a name that is defined twice', async () => {
    const heavy = `fragment f on Node { ${times(300, () => 'id')} }`;
    for (const query of [
      `{ node { ...f } } fragment f on Node { id } ${heavy}`,
      `{ node { ...f } } ${heavy} fragment f on Node { id }`,
    ]) {
      expect((await postGraphql(server.url, query)).code).toBe('QUERY_TOO_COMPLEX');
    }
  });

  it('does not take a fragment that is called __schema for introspection', async () => {
    expect((await postGraphql(server.url, '{ node { ...__schema } } fragment __schema on Node { id }')).errors).toEqual([]);
  });
});

describe('introspection', () => {
  const asked = [
    '{ __schema { queryType { name } } }',
    '{ __type(name: "Node") { name } }',
    '{ a: __type(name: "Node") { name } }',
    'query { ...f } fragment f on Query { __schema { queryType { name } } }',
  ];

  it.each(asked)('is refused where it is off: %s', async (query) => {
    expect(await postGraphql(server.url, query)).toMatchObject({ status: 400, code: 'INTROSPECTION_DISABLED', data: undefined });
  });

  it.each(asked)('is answered where it is on: %s', async (query) => {
    expect(await postGraphql(open.url, query)).toMatchObject({ status: 200, errors: [] });
  });

  it('leaves __typename alone', async () => {
    expect((await postGraphql(server.url, '{ __typename node { __typename } }')).data).toEqual({
      __typename: 'Query',
      node: { __typename: 'Node' },
    });
  });

  it('answers the query that tools send, in its longest form, where it is on', async () => {
    const options = {
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    };
    const answer = await postGraphql(open.url, getIntrospectionQuery(options));
    expect(answer).toMatchObject({ status: 200, errors: [] });
  });

  const ofTypes = (depth: number): string =>
    `{ __type(name: "Node") { ${depth === 2 ? 'name' : `${'ofType { '.repeat(depth - 2)} name ${'}'.repeat(depth - 2)}`} } }`;

  it('may be nested deeper than other fields, up to a limit of its own', async () => {
    expect((await postGraphql(open.url, ofTypes(limits.introspectionDepth))).errors).toEqual([]);
    expect(await postGraphql(open.url, ofTypes(limits.introspectionDepth + 1))).toMatchObject({
      status: 400,
      code: 'QUERY_TOO_DEEP',
    });
  });

  it('does not multiply by going in circles', async () => {
    const answer = await postGraphql(
      open.url,
      '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
    );
    expect(answer.data).toBeUndefined();
    expect(answer.errors[0]?.message).toContain('Maximum introspection depth exceeded');
  });
});

describe('suggestions of names', () => {
  const probes: [name: string, query: string, rest?: Record<string, unknown>][] = [
    ['a field', '{ nod { id } }'],
    ['a field without its selection', '{ node }'],
    ['a type', '{ node { ... on Nod { id } } }'],
    ['a field of another type', '{ search { reason } }'],
    ['an argument', '{ echo(tex: "x") }'],
    ['a directive argument', '{ echo @include(iff: true) }'],
    ['an input field', '{ echo(tree: { labl: "x" }) }'],
    ['an enum value', '{ echo(colour: SCARLETT) }'],
    ['an enum value in a variable', 'query q($c: Colour) { echo(colour: $c) }', { variables: { c: 'SCARLETT' } }],
    ['an input field in a variable', 'query q($t: Tree) { echo(tree: $t) }', { variables: { t: { labl: 'x' } } }],
    ['an input field in the default of a variable', 'query q($t: Tree = { labl: "x" }) { echo(tree: $t) }'],
  ];

  it.each(probes)('are kept back where they are off: %s', async (_name, query, rest) => {
    const answer = await postGraphql(server.url, query, rest);
    expect(answer.errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(answer.errors)).not.toMatch(/did you mean|label|SCARLET\\"|VERMILION/i);
  });

  it.each(probes)('are made where they are on: %s', async (_name, query, rest) => {
    expect(JSON.stringify((await postGraphql(open.url, query, rest)).errors)).toContain('Did you mean');
  });
});
