import fc from 'fast-check';
import { type GraphQLInputType, isInputObjectType, isNonNullType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, registeredPerson, signIn } from '#tests/support/stories.ts';
import { schema } from '#transport/graphql/schema.ts';

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 2_000 }),
  fc.constantFrom('', '\0', 'a\0b@example.com', '\ud800', 'x'.repeat(20_000), "' or 1=1 --", '__proto__', 'ses_', 'usr_0', '-1'),
  fc.emailAddress(),
  fc.constantFrom('svt', 'srp', 'sbt', 'srt', 'spt').map((prefix) => `${prefix}_${'A'.repeat(43)}`),
);
const wrong = fc.oneof(
  nasty,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(nasty, { maxLength: 3 }),
  fc.jsonValue(),
);

/** Input of the right members with nasty values, or of no right shape at all. */
function inputFor(type: GraphQLInputType): fc.Arbitrary<unknown> {
  const named = isNonNullType(type) ? type.ofType : type;
  if (!isInputObjectType(named)) return wrong;
  const members = Object.values(named.getFields()).map(({ name, type: member }) => {
    const enumerated = String(member).startsWith('TokenDelivery');
    return [name, enumerated ? fc.constantFrom('COOKIE', 'TOKENS') : nasty] as const;
  });
  return fc.oneof({ weight: 4, arbitrary: fc.record(Object.fromEntries(members)) }, { weight: 1, arbitrary: wrong });
}

const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

describe('random input', () => {
  it.each(mutations.map((field) => [field.name, field] as const))(
    'at %s gets a typed answer, never a 500',
    async (name, field) => {
      const { accessToken } = await signIn(app, await registeredPerson(app));
      const [argument] = field.args;
      const variables = argument ? `($input: ${String(argument.type)})` : '';
      const passed = argument ? '(input: $input)' : '';
      const query = `mutation${variables} { ${name}${passed} { __typename ... on AppError { code message } } }`;
      const ends = name === 'logout' || name.startsWith('revoke');
      await fc.assert(
        fc.asyncProperty(argument ? inputFor(argument.type) : fc.constant(undefined), fc.boolean(), async (input, signedIn) => {
          await rows.query('delete from sign_in_throttles');
          const client = new TestClient(app, signedIn && !ends ? { accessToken } : {});
          const answer = await client.send(query, argument ? { input } : undefined);
          expect(answer.status, answer.text).toBeLessThan(500);
          for (const error of answer.errors ?? []) {
            expect(error.extensions['code'], answer.text).toMatch(/^[A-Z][A-Z0-9_]+$/);
            expect(error.extensions['code'], answer.text).not.toBe('INTERNAL_ERROR');
          }
          expect(answer.data != null || (answer.errors?.length ?? 0) > 0 || answer.text.includes('"code"'), answer.text).toBe(
            true,
          );
        }),
        { numRuns: argument ? 40 : 3 },
      );
    },
  );

  it('of a malformed kind is refused, and nothing is written', async () => {
    const before = await rows.counts();
    const bodies: [string | Buffer, Record<string, string>?][] = [
      ['{ "query": "{ viewer { user { id '],
      [JSON.stringify({ query: '{ viewer {' })],
      [JSON.stringify({ query: '{ nothing }' })],
      [JSON.stringify({ query: 'query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }' })],
      [JSON.stringify({ query: `{ ${Array.from({ length: 1_000 }, (_, index) => `a${index}: __typename`).join(' ')} }` })],
      [JSON.stringify([{ query: '{ __typename }' }])],
      [JSON.stringify({ query: '{ __typename }', operationName: 'None' })],
      [Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
      [JSON.stringify({ query: `{ __typename } # ${'x'.repeat(10_000_000)}` })],
      ['query={__typename}', { 'content-type': 'application/x-www-form-urlencoded' }],
      [JSON.stringify({ query: documents.login, variables: { input: { email: 1, password: [], delivery: 'NEVER' } } })],
    ];
    for (const [body, headers] of bodies) {
      // A body that is too large may be refused before it was sent whole.
      const answer = await new TestClient(app).post(body, headers).catch(() => null);
      if (!answer) continue;
      expect([400, 405, 413, 415], answer.text.slice(0, 200)).toContain(answer.status === 200 ? 400 : answer.status);
      expect(answer.text).toMatch(/"code":"[A-Z][A-Z0-9_]+"/);
      expect(answer.data ?? null, answer.text.slice(0, 200)).toBeNull();
    }
    expect(await rows.counts()).toEqual(before);
  });
});
