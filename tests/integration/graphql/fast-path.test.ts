import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, type Person, registeredPerson, type SignedIn, signIn, signInWithCookie } from '#tests/support/stories.ts';

/**
 * Operations that came before are answered without the engine. Whatever a client could tell from the outside must be the
 * same both ways: each case is sent until it would go the fast way, and the last answer is compared with the first.
 */

let app: TestApp;
let person: Person;
let me: SignedIn;
let cookie: string;

beforeAll(async () => {
  app = await makeTestApp({ env: { SESSION_IDLE_TIMEOUT_SECONDS: '3600' } });
  person = await registeredPerson(app);
  me = await signIn(app, person);
  cookie = (await signInWithCookie(app, person)).client.cookie ?? '';
});
afterAll(() => app?.close());

interface Sent {
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function answer({ body, headers }: Sent) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const kept = [...response.headers].filter(([name]) => !['date', 'x-request-id', 'content-length', 'ratelimit'].includes(name));
  const text = (await response.text()).replace(/"correlationId":"[^"]+"/g, '"correlationId":"…"');
  return { status: response.status, headers: Object.fromEntries(kept.sort()), text };
}

async function answeredBy(): Promise<Record<'engine' | 'fast_path', number>> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const of = (by: string) => Number(new RegExp(`graphql_requests_total\\{answered_by="${by}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  return { engine: of('engine'), fast_path: of('fast_path') };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const withCookie = () => ({ cookie, origin: app.url });
const sendings = 7;
const known = [
  ['nobody', documents.viewer, () => ({}) as Record<string, string>],
  ['an access token', documents.viewer, () => bearer(me.accessToken)],
  ['a cookie', documents.viewer, withCookie],
  ['a cookie, with an operation name', 'query a { viewer { user { id } } } query b { viewer { session { id } } }', withCookie],
  ['lists and connections', documents.sessions, () => bearer(me.accessToken)],
  ['the engine’s own field', '{ __typename }', () => ({})],
  ['another accepted type', '{ __typename t: __typename }', () => ({ accept: 'application/graphql-response+json' })],
  ['conditions', 'query q($on: Boolean = false) { viewer { user { id displayName @include(if: $on) } } }', withCookie],
] as const;

/** Runs the way through the engine often enough that the operation is known. */
async function makeKnown(body: object, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let sent = 1; sent < sendings; sent += 1) await answer({ body, headers });
}

describe('the fast path', () => {
  it.each(known)('answers as the engine does: %s', async (name, query, headers) => {
    const body = { query, ...(name.includes('operation name') ? { operationName: 'b' } : {}) };
    const sent = { body, headers: headers() };
    const first = await answer(sent);
    await makeKnown(body, headers());
    const before = await answeredBy();
    expect(await answer(sent)).toEqual(first);
    expect(first.status).toBe(200);
    expect((await answeredBy()).fast_path).toBe(before.fast_path + 1);
  });

  it('refuses a credential as the engine does, also for a known operation', async () => {
    await makeKnown({ query: documents.viewer }, bearer(me.accessToken));
    const unknown = '{ viewer { user { id displayName email } } session: viewer { session { id } } }';
    for (const headers of [
      bearer('no-token'),
      bearer(`${me.accessToken.slice(0, -6)}AAAAAA`),
      { cookie, origin: 'https://evil.example' },
      { authorization: 'Basic eDp5' },
    ]) {
      const [fast, engine] = [
        await answer({ body: { query: documents.viewer }, headers }),
        await answer({ body: { query: unknown }, headers }),
      ];
      expect(fast).toEqual(engine);
      expect(fast.text).not.toContain('"data"');
    }
  });

  it('judges variables as the engine does', async () => {
    const query =
      'query q($id: ID!, $on: Boolean!) { node(id: $id) @include(if: $on) { id __typename } a: __typename @skip(if: $on) }';
    const plain = 'query q($on: Boolean!) { viewer @include(if: $on) { user { id } } }';
    for (const text of [query, plain]) await makeKnown({ query: text, variables: { on: true, id: person.userId } });
    const odd = [{}, { on: null }, { on: 'true' }, { on: 1 }, { on: true, more: { a: 1 } }, null, undefined];
    for (const variables of odd) {
      const twin = { query: `${plain} # never seen before ${JSON.stringify(variables)}`, variables };
      expect(await answer({ body: { query: plain, variables } }), JSON.stringify(variables)).toEqual(
        await answer({ body: twin }),
      );
    }
  });

  it.each([
    ['a list for variables', { variables: [] }],
    ['a text for variables', { variables: '{}' }],
    ['a name that no operation has', { operationName: 'other' }],
    ['a number for a name', { operationName: 1 }],
    ['a parameter that does not exist', { quarry: 'x' }],
    ['extensions', { extensions: { a: 1 } }],
    ['extensions that are no object', { extensions: 'a' }],
    ['variables that are too deep', { variables: { v: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) } }],
  ])('leaves to the engine: %s', async (_name, rest) => {
    await makeKnown({ query: '{ __typename }' });
    const before = await answeredBy();
    const twin = await answer({ body: { query: '{ __typename } # a twin', ...rest } });
    expect(await answer({ body: { query: '{ __typename }', ...rest } })).toEqual(twin);
    expect((await answeredBy()).fast_path).toBe(before.fast_path);
  });

  it('refuses a __proto__ in the variables, and lists of operations', async () => {
    await makeKnown({ query: '{ __typename }' });
    const polluted = await answer({ body: '{"query":"{ __typename }","variables":{"__proto__":{"admin":true}}}' });
    expect(polluted.text).toContain('"errors"');
    expect((await answer({ body: [{ query: '{ __typename }' }] })).status).toBe(400);
  });

  it('takes no document for another that is written the same with its name before it', async () => {
    const query = 'query Mine { viewer { user { id } } }';
    await makeKnown({ query });
    const before = await answeredBy();
    const forged = await answer({ body: { operationName: 'query', query: query.slice('query '.length) } });
    expect(forged.text).toContain('Syntax Error');
    expect((await answeredBy()).fast_path).toBe(before.fast_path);
  });

  it('is no way around the checks of a GET', async () => {
    await makeKnown({ query: '{ __typename }' });
    const before = await answeredBy();
    const got = await fetch(`${app.url}/graphql?query=${encodeURIComponent('{ __typename }')}`);
    expect(got.status).toBe(400);
    expect((await answeredBy()).fast_path).toBe(before.fast_path);
  });

  it('runs a known operation that fails once, and answers with the masked error', async () => {
    const query = '{ viewer { sessions(after: "no-cursor") { edges { node { id } } } } }';
    const first = await answer({ body: { query }, headers: bearer(me.accessToken) });
    await makeKnown({ query }, bearer(me.accessToken));
    expect(await answer({ body: { query }, headers: bearer(me.accessToken) })).toEqual(first);
    expect(first.text).toContain('"correlationId"');
  });

  it('honours a revocation at once', async () => {
    const other = await signIn(app, person);
    await makeKnown({ query: documents.viewer }, bearer(other.accessToken));
    await me.client.send(documents.revokeSession, { input: { sessionId: other.sessionId } });
    const refused = await answer({ body: { query: documents.viewer }, headers: bearer(other.accessToken) });
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('ACCESS_TOKEN_INVALID');
  });
});
