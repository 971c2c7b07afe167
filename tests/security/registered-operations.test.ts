import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRawSocket } from '#tests/support/raw-socket.ts';
import { idOf, type RegisteredFile, registeredFile } from '#tests/support/registered-file.ts';
import { registeredPerson } from '#tests/support/stories.ts';

/** Attacks by ids: names that are no ids, ids beside other documents, and ways around "registered operations only". */

const viewer = '{ viewer { user { id } } }';
const logout = 'mutation { logout { __typename } }';
const live = 'subscription { securityEvents(after: "0") { type } }';
const guesses = `mutation { ${Array.from({ length: 20 }, (_, at) => `a${at}: login(input: { email: "stranger-${at}@example.com", password: "Summer2026!" }) { ... on AppError { code } }`).join(' ')} }`;
const login = 'mutation l($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { tokens { accessToken } } } }';
const other = '{ __typename }';

let file: RegisteredFile;
let open: TestApp;
let only: TestApp;
/** The issuer of a token is the address of the node. */
const accessTokens = new Map<TestApp, string>();

beforeAll(async () => {
  file = await registeredFile([viewer, logout, live, guesses, login]);
  const env = { REGISTERED_OPERATIONS_FILE: file.path, TRUST_PROXY: 'loopback', RATE_LIMIT_PERCENT: '25' };
  open = await makeTestApp({ env });
  only = await makeTestApp({ env: { ...env, REGISTERED_OPERATIONS_ONLY: 'true' }, besides: open });
  const person = await registeredPerson(open);
  for (const app of [open, only])
    accessTokens.set(
      app,
      (await new TestClient(app).send(login, { input: { email: person.email, password: person.password } })).data.login.tokens
        .accessToken,
    );
});
afterAll(async () => {
  await only?.close();
  await open?.close();
  await file?.remove();
});

const post = (app: TestApp, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  new TestClient(app).post<Record<string, unknown>>(typeof body === 'string' ? body : JSON.stringify(body), headers);
const byHash = (sha256Hash: unknown, version: unknown = 1) => ({ extensions: { persistedQuery: { version, sha256Hash } } });
const codeOf = ({ errors }: Awaited<ReturnType<typeof post>>) => errors?.[0]?.extensions['code'];

describe('an id', () => {
  it.each([
    ['__proto__'],
    ['constructor'],
    ['toString'],
    ['hasOwnProperty'],
    [''],
    ['sha256:'],
    ['sha256:__proto__'],
    [`sha256:sha256:${idOf(viewer)}`],
    [`sha256: ${idOf(viewer)}`],
    [`SHA256:${idOf(viewer)}`],
    [idOf(viewer).toUpperCase()],
    [` ${idOf(viewer)}`],
    [`${idOf(viewer)}\0`],
    [idOf(viewer).slice(1)],
    ['../../../../etc/passwd'],
    ['%2e%2e%2fpersisted-documents.json'],
    ['file:///etc/passwd'],
    ['x'.repeat(200_000)],
  ])('%.40s names nothing', async (id) => {
    for (const body of [{ documentId: id }, byHash(id), { documentId: id, query: '' }, { documentId: id, query: null }]) {
      const answer = await post(open, body);
      expect(answer).toMatchObject({ status: 404, data: undefined });
      expect(codeOf(answer)).toBe('PERSISTED_QUERY_NOT_FOUND');
      // It is not repeated to whoever sends it, nor to the log.
      expect(answer.text.length).toBeLessThan(400);
    }
  });

  it.each([
    [{ documentId: null }],
    [{ documentId: 1 }],
    [{ documentId: [idOf(viewer)] }],
    [{ documentId: { toString: idOf(viewer) } }],
    [{ documentId: true, query: viewer }],
    [byHash(null)],
    [byHash(idOf(viewer), 2)],
    [byHash(idOf(viewer), '1')],
    [{ extensions: { persistedQuery: idOf(viewer) } }],
    [{ extensions: { persistedQuery: [idOf(viewer)] } }],
    [{ extensions: { persistedQuery: null } }],
    [{ documentId: idOf(viewer), query: 1 }],
  ])('that is malformed is refused: %j', async (body) => {
    const answer = await post(open, body);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  it.each([
    ['beside another document', { documentId: idOf(viewer), query: other }],
    ['beside another registered document', { documentId: idOf(viewer), query: logout }],
    ['beside its document with a space more', { documentId: idOf(viewer), query: `${viewer} ` }],
    ['of Apollo beside another document', { ...byHash(idOf(viewer)), query: other }],
    ['that is unknown, beside a document of another hash', { documentId: idOf('nothing'), query: other }],
    ['beside another id', { documentId: idOf(viewer), ...byHash(idOf(logout)) }],
  ])('%s is refused', async (_name, body) => {
    for (const app of [open, only]) {
      const answer = await post(app, body);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'PERSISTED_QUERY_MISMATCH']);
      expect(answer.data).toBeUndefined();
    }
  });

  it('may come in every form at once', async () => {
    const id = idOf(viewer);
    for (const app of [open, only])
      expect(await post(app, { documentId: `sha256:${id}`, ...byHash(id), query: viewer })).toMatchObject({
        data: { viewer: null },
      });
  });

  it('registers nothing, as Apollo’s clients ask servers to', async () => {
    const asked = { ...byHash(idOf(other)), query: other };
    for (let times = 0; times < 8; times += 1) expect(await post(open, asked)).toMatchObject({ data: { __typename: 'Query' } });
    expect(codeOf(await post(open, byHash(idOf(other))))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(codeOf(await post(only, asked))).toBe('PERSISTED_QUERY_ONLY');
  });

  it('is no way around the rules of a GET', async () => {
    const get = async (
      params: Record<string, string>,
      headers: Record<string, string> = { 'graphql-require-preflight': '1' },
    ) => {
      const response = await fetch(`${open.url}/graphql?${new URLSearchParams(params)}`, { headers });
      return { status: response.status, json: (await response.json()) as { data?: unknown; errors?: { extensions: object }[] } };
    };
    expect(await get({ documentId: idOf(viewer) })).toMatchObject({ status: 200, json: { data: { viewer: null } } });
    const apollo = { extensions: JSON.stringify(byHash(idOf(viewer)).extensions) };
    expect(await get(apollo)).toMatchObject({ status: 200, json: { data: { viewer: null } } });
    const code = (name: string) => ({ json: { errors: [{ extensions: { code: name } }] } });
    expect(await get({ documentId: idOf(viewer) }, {})).toMatchObject(code('PREFLIGHT_HEADER_REQUIRED'));
    expect(await get({ documentId: idOf(logout) })).toMatchObject(code('GRAPHQL_METHOD_NOT_ALLOWED'));
    expect(await get({ documentId: idOf(live) })).toMatchObject(code('SUBSCRIPTION_NEEDS_SOCKET'));
  });

  it('hides no aliases: each is counted as a call', async () => {
    const headers = { 'x-forwarded-for': '20.0.9.7' };
    const { data } = await post(open, { documentId: idOf(guesses) }, headers);
    const codes = Object.values(data ?? {}).map((each) => (each as { code: string }).code);
    expect(codes).toEqual([...Array(5).fill('INVALID_CREDENTIALS'), ...Array(15).fill('CHALLENGE_REQUIRED')]);
  });
});

describe('where only registered operations are answered', () => {
  it('they are, by their id and by their text', async () => {
    for (const body of [{ documentId: idOf(viewer) }, byHash(idOf(viewer)), { query: viewer }, { query: viewer, variables: {} }])
      expect(await post(only, body)).toMatchObject({ status: 200, data: { viewer: null } });
  });

  it('and by the same text for a client that sent it often elsewhere', async () => {
    for (let times = 0; times < 8; times += 1) expect((await post(open, { query: other })).status).toBe(200);
    expect(codeOf(await post(only, { query: other }))).toBe('PERSISTED_QUERY_ONLY');
  });

  it.each([
    ['another document', { query: other }],
    ['a comment more', { query: `${viewer} # x` }],
    ['a space more', { query: ` ${viewer}` }],
    ['an empty id', { query: other, documentId: undefined, extensions: {} }],
    ['the schema', { query: '{ __schema { types { name } } }' }],
    ['a document that does not even parse', { query: '{' }],
    ['two documents', { query: `${viewer} ${other}` }],
  ])('%s is refused', async (_name, body) => {
    for (let times = 0; times < 2; times += 1) {
      const answer = await post(only, body);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'PERSISTED_QUERY_ONLY']);
    }
  });

  it.each([
    ['a list', JSON.stringify([{ query: other }]), 'application/json'],
    ['a key given twice', `{"documentId":"${idOf(viewer)}","query":"{ __typename }"}`, 'application/json'],
    ['a prototype', '{"__proto__":{"query":"{ __typename }"}}', 'application/json'],
    ['a form', 'query=%7B__typename%7D', 'application/x-www-form-urlencoded'],
    ['a document as the body', other, 'application/graphql'],
    [
      'a form with files',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{ __typename }"}\r\n--x--',
      'multipart/form-data; boundary=x',
    ],
  ])('%s is no way around it', async (_name, body, type) => {
    const answer = await post(only, body, { 'content-type': type });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain('"data":{');
  });

  it('the query string is no way around it', async () => {
    const query = encodeURIComponent(other);
    const headers = { 'graphql-require-preflight': '1', 'content-type': 'application/json' };
    const got = await fetch(`${only.url}/graphql?query=${query}`, { headers });
    expect([got.status, await got.text()]).toEqual([403, expect.stringContaining('PERSISTED_QUERY_ONLY')]);
    const body = JSON.stringify({ documentId: idOf(viewer) });
    const posted = await fetch(`${only.url}/graphql?query=${query}`, { method: 'POST', headers, body });
    expect(await posted.json()).toEqual({ data: { viewer: null } });
  });

  it('there is no GraphiQL', async () => {
    const page = await fetch(`${only.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(await page.text()).not.toContain('<html');
  });

  it('our own pages’ operations are', async () => {
    const { default: documents } = await import('../../web/src/gql/persisted-documents.json', { with: { type: 'json' } });
    for (const [id, text] of Object.entries(documents)) {
      if (!text.includes('query SessionCheck')) continue;
      expect(await post(only, { documentId: id })).toMatchObject({ status: 200, data: { viewer: null } });
      return;
    }
    throw new Error('the pages have no SessionCheck');
  });
});

describe('over a WebSocket', () => {
  const patience = { timeout: 10_000, interval: 20 };

  /** What comes first for a subscription of this payload: a code, or what is told. */
  async function first(app: TestApp, payload: object): Promise<string> {
    const socket = await openRawSocket(app);
    await socket.init(accessTokens.get(app) ?? '');
    socket.send({ type: 'subscribe', id: '1', payload });
    await expect.poll(() => socket.messages.find(({ id }) => id === '1'), patience).toBeDefined();
    const text = JSON.stringify(socket.messages.find(({ id }) => id === '1')?.payload);
    socket.close();
    return /"code":"(\w+)"/.exec(text)?.[1] ?? text;
  }

  it('a registered subscription runs by its id', async () => {
    for (const app of [open, only]) {
      expect(await first(app, { query: '', documentId: `sha256:${idOf(live)}` })).toContain('securityEvents');
      expect(await first(app, { query: '', ...byHash(idOf(live)) })).toContain('securityEvents');
    }
  });

  it('ids are judged as over HTTP', async () => {
    for (const app of [open, only]) {
      expect(await first(app, { query: '', documentId: '__proto__' })).toBe('PERSISTED_QUERY_NOT_FOUND');
      expect(await first(app, { query: 'subscription { securityEvents { id } }', documentId: idOf(live) })).toBe(
        'PERSISTED_QUERY_MISMATCH',
      );
      expect(await first(app, { query: '', documentId: 1 })).toBe('REQUEST_MALFORMED');
      expect(await first(app, { query: '', documentId: idOf(viewer) })).toBe('GRAPHQL_INVALID');
    }
  });

  it('other documents are refused where only registered ones are answered', async () => {
    const query = 'subscription { securityEvents(after: "0") { id } }';
    expect(await first(open, { query })).toContain('securityEvents');
    expect(await first(only, { query })).toBe('PERSISTED_QUERY_ONLY');
  });
});
