import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, registeredPerson, signIn } from '#tests/support/stories.ts';

/** Attacks by the variables of an operation. What a production client sees: no introspection, no suggestions. */

let app: TestApp;
let client: TestClient;
beforeAll(async () => {
  app = await makeTestApp({ env: { INTROSPECTION: 'false' } });
  client = new TestClient(app);
});
afterAll(() => app?.close());

const input = { email: 'a@example.com', password: 'x' };
const unknownKeys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
const logIn = (variables: object) => client.send(documents.login, { input: variables });

describe('variables that do not fit', () => {
  it('are refused unread when an object has too many keys', async () => {
    const { status, errors } = await logIn({ ...input, ...unknownKeys(15_000) });
    expect({ status, code: errors?.[0]?.extensions['code'], count: errors?.length }).toEqual({
      status: 400,
      code: 'QUERY_TOO_COMPLEX',
      count: 1,
    });
  });

  it('are refused unread when there are too many values, however they are nested', async () => {
    const wide = Array.from({ length: 90 }, () => unknownKeys(90));
    for (const variables of [{ input: { ...input, wide } }, { input: Array.from({ length: 5_000 }, () => 1) }]) {
      const { errors } = await client.send(documents.login, variables);
      expect(errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
    }
  });

  it('are complained about a few times at most, since each complaint quotes the whole value', async () => {
    const { data, errors, text } = await logIn({ ...input, ...unknownKeys(60), password: 'x'.repeat(100_000) });
    expect(data).toBeUndefined();
    expect(errors?.length).toBeLessThanOrEqual(4);
    expect(text.length).toBeLessThan(1_000_000);
  });

  it('are complained about as briefly on an operation that came before', async () => {
    const query =
      'query q($id: ID!, $after: String) { node(id: $id) { id } viewer { sessions(after: $after) { edges { cursor } } } }';
    for (let time = 0; time < 7; time += 1) await client.send(query, { id: 'ses_unknown' });
    const { data, errors } = await client.send(query, { id: { ...unknownKeys(60), long: 'x'.repeat(100_000) } });
    expect(data).toBeUndefined();
    expect(errors?.length).toBeLessThanOrEqual(4);
  });

  it.each([
    ['a misspelt input field', { emai: 1, password: 'x' }],
    ['a misspelt value of an enum', { ...input, delivery: 'COOKI' }],
    ['several of both', { emai: 1, pasword: 1, delivery: 'TOKEN' }],
  ])('give away no name of the schema: %s', async (_name, variables) => {
    const { data, text } = await logIn(variables);
    expect(data).toBeUndefined();
    expect(text).not.toMatch(/did you mean/i);
  });
});

describe('a cursor that nobody was given', () => {
  const cursor = (time: string, id = 'ses_1111111111111111111111') => Buffer.from(`${time} ${id}`).toString('base64url');

  it.each(['253402300800000', '999999999999999', '8640000000000001'])('is refused: the instant %s', async (time) => {
    const me = await signIn(app, await registeredPerson(app));
    const { errors, status } = await me.client.send(
      'query q($after: String) { viewer { sessions(after: $after) { edges { cursor } } } }',
      {
        after: cursor(time),
      },
    );
    expect(status).toBe(400);
    expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT');
  });
});
