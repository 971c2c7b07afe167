import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jobsDone } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { type InputPlace, listMutations, type MutationShape, variablesOf } from '#tests/support/mutation-shapes.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { anotherNetwork, documents, type Person, registeredPerson, type SignedIn, signIn } from '#tests/support/stories.ts';

/** Input that no honest client sends. Each is answered by a typed error, never by a 5xx, and leaves nothing behind. */

let app: TestApp;
let rows: Rows;
let person: Person;
let me: SignedIn;
let other: SignedIn & { readonly person: Person };

beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
  person = await registeredPerson(app);
  me = await signIn(app, person);
  const neighbour = await registeredPerson(app);
  other = { ...(await signIn(app, neighbour)), person: neighbour };
});
afterAll(async () => {
  await rows?.close();
  await app?.close();
});

/** How much each table holds, once no job is left. Throttles count attempts on purpose; events move from outbox to log. */
async function stored(): Promise<Record<string, number>> {
  await jobsDone(rows);
  const counts = await rows.counts();
  const events = (counts['public.event_outbox'] ?? 0) + (counts['public.event_log'] ?? 0);
  const { 'public.sign_in_throttles': _counted, 'public.event_outbox': _outbox, 'public.event_log': _log, ...rest } = counts;
  return { ...rest, events };
}

/** Runs `attack` and expects that nothing was written. A wrong password is told of: those guesses leave events, no more. */
async function leavesNothing(attack: () => Promise<void>, guesses = false): Promise<void> {
  const before = await stored();
  await attack();
  const after = await stored();
  expect(guesses ? { ...after, events: before['events'] } : after).toEqual(before);
}

const anonymous = () => new TestClient(app, { headers: anotherNetwork() });
/** Signed in, from a network that no other request came from. */
const asMe = () => new TestClient(app, { accessToken: me.accessToken, headers: anotherNetwork() });

/** The code of the error that the answer is, wherever it stands: result, `errors`, or problem document. */
function codeOf({ data, errors, text, status }: GraphqlAnswer<unknown>): string {
  expect(status, text).toBeLessThan(500);
  const members = Object.values(data ?? {}) as ({ readonly code?: string } | null)[];
  const codes = [
    ...(errors ?? []).map(({ extensions }) => extensions['code']),
    ...members.flatMap((member) => member?.code ?? []),
  ];
  if (codes.length === 0) codes.push((JSON.parse(text) as { code?: string }).code);
  for (const code of codes) expect(code, text).toMatch(/^[A-Z][A-Z_]+$/);
  return String(codes[0]);
}

describe('a document', () => {
  const spread = (depth: number) =>
    Array.from({ length: depth }, (_, level) => `fragment F${level} on Viewer { ...F${level + 1} }`).join(' ');
  const cases: readonly [name: string, document: unknown, code: string][] = [
    ['that is empty', '', 'GRAPHQL_INVALID'],
    ['that is missing', undefined, 'REQUEST_MALFORMED'],
    ['that is null', null, 'GRAPHQL_INVALID'],
    ['that is a number', 7, 'GRAPHQL_INVALID'],
    ['that is a list', ['{ viewer { user { id } } }'], 'GRAPHQL_INVALID'],
    ['that ends too early', '{ viewer { user { id }', 'GRAPHQL_INVALID'],
    ['of brackets', '{'.repeat(1_000), 'GRAPHQL_INVALID'],
    ['with U+0000', '{ viewer\0 { user { id } } }', 'GRAPHQL_INVALID'],
    ['with a lone surrogate', '{ node(id: "\ud800") { id } \udfff }', 'GRAPHQL_INVALID'],
    ['with an escape of a lone surrogate', '{ node(id: "\\ud800") { id } }', 'GRAPHQL_INVALID'],
    ['of another language', 'select * from users', 'GRAPHQL_INVALID'],
    ['that selects nothing', '{ viewer { } }', 'GRAPHQL_INVALID'],
    ['that selects an object', '{ viewer }', 'GRAPHQL_INVALID'],
    ['that selects below a leaf', '{ viewer { permissions { id } } }', 'GRAPHQL_INVALID'],
    ['with an unknown field', '{ secrets }', 'GRAPHQL_INVALID'],
    ['with an unknown mutation', 'mutation { becomeAdmin }', 'GRAPHQL_INVALID'],
    ['with an unknown argument', '{ node(id: "a", admin: true) { id } }', 'GRAPHQL_INVALID'],
    ['without a needed argument', '{ node { id } }', 'GRAPHQL_INVALID'],
    ['with an unknown type', 'query($a: Nothing) { node(id: $a) { id } }', 'GRAPHQL_INVALID'],
    ['with an unknown directive', '{ viewer @admin { user { id } } }', 'GRAPHQL_INVALID'],
    ['with an unknown fragment', '{ viewer { ...Gone } }', 'GRAPHQL_INVALID'],
    ['with a fragment on a scalar', '{ viewer { ... on String { id } } }', 'GRAPHQL_INVALID'],
    ['with a fragment in a circle', '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }', ''],
    ['with a fragment of itself', '{ viewer { ...A } } fragment A on Viewer { user { id } ...A }', ''],
    ['with too many fragments', `{ viewer { ...F0 } } ${spread(200)} fragment F200 on Viewer { user { id } }`, 'QUERY_TOO_LARGE'],
    ['with 1,000 aliases', `{ ${Array.from({ length: 1_000 }, (_, index) => `a${index}: __typename`).join(' ')} }`, ''],
    ['with a value 10,000 levels deep', `{ node(id: ${'['.repeat(10_000)}${']'.repeat(10_000)}) { id } }`, 'QUERY_TOO_DEEP'],
    ['of a megabyte of spaces', `{ __typename${' '.repeat(200_000)} }`, 'QUERY_TOO_LARGE'],
    [
      'with a number beyond all numbers',
      '{ viewer { sessions(first: 99999999999999999999) { edges { cursor } } } }',
      'GRAPHQL_INVALID',
    ],
    ['with a subscription', 'subscription { securityEvents { id } }', 'SUBSCRIPTION_NEEDS_SOCKET'],
    ['with two operations and no name', 'query A { __typename } query B { __typename }', 'GRAPHQL_INVALID'],
    ['of fragments alone', 'fragment A on Viewer { user { id } }', 'GRAPHQL_INVALID'],
    ['of a type system', 'type Query { all: String }', 'GRAPHQL_INVALID'],
  ];

  it.each(cases)('%s is refused', async (_name, query, code) => {
    await leavesNothing(async () => {
      for (const client of [anonymous(), asMe()]) {
        const answer = await client.post(JSON.stringify({ query }));
        const refused = codeOf(answer);
        if (code !== '') expect(refused).toBe(code);
        else expect(refused).toMatch(/^(GRAPHQL_INVALID|QUERY_TOO_(LARGE|DEEP|COMPLEX))$/);
        expect(answer.data ?? null).toBeNull();
      }
    });
  });

  it.each([
    ['unknown', 'Nobody'],
    ['empty', ''],
    ['long', 'N'.repeat(10_000)],
    ['no text', 7],
    ['an object', { toString: 'A' }],
    ['of an object’s own', '__proto__'],
  ])('whose operation is asked for by a name that is %s is refused', async (_name, operationName) => {
    await leavesNothing(async () => {
      const query = 'mutation A { logout { __typename } } mutation B { revokeOtherSessions { __typename } }';
      const answer = await asMe().post(JSON.stringify({ query, operationName }));
      codeOf(answer);
      expect(answer.data ?? null).toBeNull();
    });
  });
});

describe('a body', () => {
  const login = (email: string) =>
    JSON.stringify({
      query: documents.login,
      variables: { input: { email, password: 'x' } },
    });
  const bodies: readonly [name: string, body: string | Buffer, code: string][] = [
    ['that is empty', '', 'REQUEST_MALFORMED'],
    ['that is no JSON', '{"query": ', 'REQUEST_MALFORMED'],
    ['of null', 'null', 'REQUEST_MALFORMED'],
    ['of a text', '"{ __typename }"', 'REQUEST_MALFORMED'],
    ['of an empty object', '{}', 'REQUEST_MALFORMED'],
    ['of a list', '[{"query":"{ __typename }"},{"query":"{ __typename }"}]', 'BATCHING_DISABLED'],
    ['of 100,000 brackets', '['.repeat(100_000), 'REQUEST_MALFORMED'],
    ['in invalid UTF-8', Buffer.from(login('\u00ff@example.com'), 'latin1'), 'REQUEST_MALFORMED'],
    [
      'in overlong UTF-8',
      Buffer.concat([Buffer.from('{"query":"{ __typename '), Buffer.from([0xc0, 0xaf]), Buffer.from('}"}')]),
      '',
    ],
    ['in UTF-16', Buffer.from(login('a@example.com'), 'utf16le'), 'REQUEST_MALFORMED'],
    ['with a byte order mark', Buffer.from(`\ufeff${login('a@example.com')}`), 'REQUEST_MALFORMED'],
    ['with a __proto__ in the variables', `{"query":"{ __typename }","variables":{"__proto__":{"admin":true}}}`, ''],
    ['whose variables are a list', '{"query":"query($a: ID!) { node(id: $a) { id } }","variables":["a"]}', ''],
    ['whose variables are a text', '{"query":"query($a: ID!) { node(id: $a) { id } }","variables":"a"}', ''],
    ['whose extensions are a number', '{"query":"{ __typename }","extensions":7}', ''],
  ];

  it.each(bodies)('%s is refused', async (_name, body, code) => {
    await leavesNothing(async () => {
      const { status, text } = await anonymous().post(body);
      expect(status, text).toBeGreaterThanOrEqual(400);
      expect(status, text).toBeLessThan(500);
      const parsed = JSON.parse(text) as { code?: string; errors?: { extensions: { code: string } }[] };
      const refused = parsed.code ?? parsed.errors?.[0]?.extensions.code;
      if (code !== '') expect(refused).toBe(code);
      else expect(refused).toMatch(/^(REQUEST_MALFORMED|GRAPHQL_INVALID)$/);
    });
  });

  it.each([
    ['says so', { 'content-length': String(10 * 1024 * 1024) }],
    ['comes in pieces', { 'transfer-encoding': 'chunked' }],
  ])('of 10 MB that %s is refused before it is kept', async (_name, headers) => {
    await leavesNothing(async () => {
      const { status, text } = await sendMegabytes(headers);
      expect(status).toBe(413);
      expect(JSON.parse(text)).toMatchObject({ code: 'BODY_TOO_LARGE' });
    });
  });
});

/** By Node's own client, which reads an answer that comes before the body was taken. */
function sendMegabytes(headers: Readonly<Record<string, string>>): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${app.url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } });
    let answered = false;
    sent.on('response', (response) => {
      answered = true;
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    // The server stops reading and closes; what matters is whether it said why.
    sent.on('error', (error) => (answered ? undefined : reject(error)));
    sent.write(`{"query":"{ __typename }","variables":{"a":"`);
    const piece = 'x'.repeat(64 * 1024);
    let left = 160;
    const more = () => {
      while (!answered && left > 0) {
        left -= 1;
        if (!sent.write(piece)) return void sent.once('drain', more);
      }
    };
    more();
  });
}

const base: Readonly<Record<string, () => unknown>> = {
  email: () => person.email,
  password: () => 'twelve unlikely purple elephants',
  currentPassword: () => person.password,
  newPassword: () => 'fourteen hopeful orange giraffes',
  displayName: () => 'Ada Lovelace',
  token: () => `svt_${'A'.repeat(43)}`,
  refreshToken: () => `srt_${'A'.repeat(43)}`,
  sessionId: () => other.sessionId,
  delivery: () => 'TOKENS',
};

/** Good values everywhere but at `bad`. A field that this file does not know gets a text of its own. */
const withBad = (mutation: MutationShape, bad: InputPlace, value: unknown) =>
  variablesOf(mutation, (place) => (place === bad ? value : (base[place.path.at(-1) ?? '']?.() ?? 'x')));

const withInput = listMutations().filter(({ places }) => places.length > 0);
const places = withInput.flatMap((mutation) =>
  mutation.places.map((place) => ({ mutation, place, name: `${mutation.name} ${place.path.join('.')}` })),
);

const badTexts: readonly [name: string, text: string][] = [
  ['U+0000', '\0'],
  ['U+0000 inside', 'ada\0lovelace@example.com'],
  ['a lone high surrogate', 'ada\ud800@example.com'],
  ['a lone low surrogate', '\udfff'],
  ['nothing', ''],
  ['spaces', '   '],
  ['control characters', '\u0007\u001b[2J\r\n'],
  ['ten thousand characters', 'x'.repeat(10_000)],
  ['a hundred kilobytes', 'é'.repeat(50_000)],
];

describe.each(places.filter(({ place }) => ['String', 'ID'].includes(place.type)))('$name', ({ mutation, place }) => {
  it('refuses texts that are none', async () => {
    const guesses = ['login', 'reauthenticate'].includes(mutation.name) || place.path.includes('currentPassword');
    const attack = async () => {
      for (const [name, text] of badTexts) {
        const answer = await asMe().send(mutation.document, withBad(mutation, place, text));
        const code = codeOf(answer);
        expect(code, name).not.toBe('GRAPHQL_INVALID');
        expect(answer.text, name).not.toContain('Success');
      }
    };
    await leavesNothing(attack, guesses);
  });
});

describe.each(places)('$name', ({ mutation, place }) => {
  it('refuses values of another type', async () => {
    await leavesNothing(async () => {
      for (const value of [true, 1.5, ['a', 'b'], { a: 1 }, [], {}, ...(place.required ? [null] : [])]) {
        const answer = await asMe().send(mutation.document, withBad(mutation, place, value));
        expect(codeOf(answer), JSON.stringify(value)).toBe('GRAPHQL_INVALID');
        expect(answer.data ?? null).toBeNull();
      }
    });
  });

  it('refuses fields that there are not', async () => {
    await leavesNothing(async () => {
      const variables = withBad(mutation, place, 'x') as { input: Record<string, unknown> };
      const answer = await asMe().send(mutation.document, {
        input: { ...variables.input, isAdmin: true, userId: other.person.userId },
      });
      expect(codeOf(answer)).toBe('GRAPHQL_INVALID');
    });
  });
});

describe('an id', () => {
  it('of another person’s session is as unknown as one of nobody', async () => {
    await leavesNothing(async () => {
      const answers: unknown[] = [];
      for (const sessionId of [
        other.sessionId,
        'ses_123456789ABCDEFGHJKLMN',
        'ses_',
        'usr_x',
        '🦊',
        other.person.userId,
        '__proto__',
      ])
        answers.push((await asMe().send(documents.revokeSession, { input: { sessionId } })).data.revokeSession);
      for (const answer of answers) expect(answer).toEqual({ __typename: 'NotFoundError', code: 'NOT_FOUND' });
      expect((await other.client.send(documents.viewer)).data.viewer.session.id).toBe(other.sessionId);
    });
  });

  it('of what is another person’s, or nothing, is null for `node` and `nodes`', async () => {
    const [address] = await rows.query<{ id: string }>('select id from email_addresses where user_id = $1', [
      other.person.userId,
    ]);
    const ids = [
      other.sessionId,
      other.person.userId,
      address?.id,
      'usr_123456789ABCDEFGHJKLMN',
      'nope',
      '',
      '\0',
      '_',
      '\ud800',
    ];
    await leavesNothing(async () => {
      for (const client of [anonymous(), asMe()]) {
        for (const id of ids) {
          const { data, errors, status, text } = await client.send('query($id: ID!) { node(id: $id) { id __typename } }', { id });
          expect({ status, errors, node: data?.node }, text).toEqual({ status: 200, errors: undefined, node: null });
        }
        const { data, text } = await client.send('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids });
        expect(data?.nodes, text).toEqual(ids.map(() => null));
      }
    });
  });

  it('in great numbers is refused', async () => {
    const ask = async (length: number) =>
      codeOf(
        await asMe().send('query($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: Array.from({ length }, () => me.sessionId) }),
      );
    expect(await ask(1_000)).toBe('INVALID_INPUT');
    expect(await ask(5_000)).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('a page', () => {
  it.each([
    { first: -1 },
    { last: -1 },
    { first: 2_000_000 },
    { first: 1, last: 1 },
    { after: '', first: 1, before: '\0' },
    { after: 'nonsense' },
    { after: '\0' },
    { after: '\ud800' },
    { before: Buffer.from('99999999999999999 ses_123456789ABCDEFGHJKLMN').toString('base64url') },
    { after: Buffer.from('NaN ses_123456789ABCDEFGHJKLMN').toString('base64url') },
    { after: Buffer.from("1 ses_' or true").toString('base64url') },
    { after: 'x'.repeat(20_000) },
  ])('of sessions by %j is refused', async (variables) => {
    const query =
      'query($first: Int, $last: Int, $after: String, $before: String) { viewer { sessions(first: $first, last: $last, after: $after, before: $before) { edges { cursor } } } }';
    const { status, errors, text } = await asMe().send(query, variables);
    expect(status, text).toBeLessThan(500);
    expect(errors?.[0]?.extensions['code'], text).toBe('INVALID_INPUT');
  });
});
