import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { idOf, type RegisteredFile, registeredFile } from '#tests/support/registered-file.ts';
import { type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

/**
 * The same requests in the four ways in which a document can reach the product, each in a deployment of its own that lives
 * through the same story: a document that nobody sent before, one that is known, and the two forms of a registered id. What a
 * client sees must be the same.
 */

const ways = ['engine', 'known', 'registered', 'apollo'] as const;
type Way = (typeof ways)[number];
/** The fourth goes to the deployment of the third, but for the story, whose requests can be played once only. */
const places = ['engine', 'known', 'registered'] as const;

const examples = new URL('../../../docs/operations/', import.meta.url);
const names = (await readdir(examples)).filter((name) => name.endsWith('.graphql')).sort();
const documented = await Promise.all(names.map(async (name) => [name, await readFile(new URL(name, examples), 'utf8')] as const));

const conditional = 'query q($on: Boolean!) { viewer @include(if: $on) { user { email } } t: __typename }';
const twoOperations = 'query a { viewer { user { email } } } query b { viewer { session { amr } } }';
const withDefault = 'query d($first: Int = 2) { viewer { sessions(first: $first) { edges { node { isCurrent } } } } }';
const failing = '{ viewer { sessions(after: "no-cursor") { edges { node { id } } } } }';
const byInput = 'mutation l($input: LoginInput!) { login(input: $input) { __typename ... on AppError { code message } } }';
const tooMuch = `{ ${Array.from({ length: 20 }, (_, at) => `a${at}: viewer { sessions(first: 100) { edges { node { device { sessions { id } } } } } }`).join(' ')} }`;
const cases = { conditional, twoOperations, withDefault, failing, byInput, tooMuch };

interface Place {
  readonly app: TestApp;
  readonly person: Person;
}

/** The same moment in all of them, and no wait after a wrong guess lasts into the next test. */
const clock = createFrozenClock();

let file: RegisteredFile;
const at = {} as Record<(typeof places)[number], Place>;

beforeAll(async () => {
  file = await registeredFile([...documented.map(([, text]) => text), ...Object.values(cases)]);
  const env = { REGISTERED_OPERATIONS_FILE: file.path, INTROSPECTION: 'false' };
  await Promise.all(
    places.map(async (place) => {
      const app = await makeTestApp({ env, clock });
      // Whom the examples sign in.
      await registeredPerson(app, 'ada@example.com');
      at[place] = { app, person: await registeredPerson(app, 'person-0@example.com') };
    }),
  );
});
beforeEach(() => clock.advance(3_600));

afterAll(async () => {
  await Promise.all(Object.values(at).map(({ app }) => app.close()));
  await file?.remove();
});

interface Sent {
  readonly document: string;
  readonly rest?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

let twins = 0;

function bodyOf(way: Way, document: string): object {
  if (way === 'known') return { query: document };
  if (way === 'registered') return { documentId: `sha256:${idOf(document)}` };
  if (way === 'apollo') return { extensions: { persistedQuery: { version: 1, sha256Hash: idOf(document) } } };
  twins += 1;
  return { query: `${document}\n# a twin that was never sent: ${twins}` };
}

const placeOf = (way: Way): Place => at[way === 'apollo' ? 'registered' : way];

async function answer(way: Way, { document, rest, headers }: Sent) {
  const { app, person } = placeOf(way);
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ...bodyOf(way, document), ...rest }),
  });
  const different = ['date', 'x-request-id', 'content-length', 'ratelimit', 'content-security-policy'];
  const kept = [...response.headers].filter(([name]) => !different.includes(name)).sort();
  const text = await response.text();
  return { status: response.status, headers: masked(JSON.stringify(kept), person), text: masked(text, person) };
}

/** Without what is different in each deployment and at each moment. */
function masked(text: string, { userId }: Person): string {
  return text
    .replaceAll(userId, 'USER')
    .replace(/localhost:\d+/g, 'localhost')
    .replace(/"correlationId":"[^"]+"/g, '"correlationId":"…"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/(eyJ|s[a-z]t_|sdt_)[\w.-]+/g, 'TOKEN')
    .replace(/sallyport(-device)?=[^;"]+/g, 'sallyport$1=COOKIE')
    .replace(/Max-Age=\d+/g, 'Max-Age=N')
    .replace(/\b([a-z]{2,4})_[A-Za-z0-9]{22}\b/g, '$1_ID')
    .replace(/"(start|end)?[Cc]ursor":"[^"]+"/g, '"$1cursor":"…"');
}

async function fastAnswers({ app }: Place): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/graphql_requests_total\{answered_by="fast_path"\} (\d+)/.exec(text)?.[1] ?? 0);
}

const credentials = {
  nobody: async () => ({}),
  'an access token': async ({ app, person }: Place) => ({
    authorization: `Bearer ${(await signIn(app, person)).accessToken}`,
  }),
  'a cookie': async ({ app, person }: Place) => ({
    cookie: (await signInWithCookie(app, person)).client.cookie ?? '',
    origin: app.url,
  }),
};

/** Sends it by each way, `headers` made for the place, and gives the answers, which are to be equal. */
async function everyWay(
  sent: Omit<Sent, 'headers'>,
  headers: (place: Place) => Promise<Record<string, string>> | Record<string, string>,
) {
  const made = Object.fromEntries(await Promise.all(places.map(async (place) => [place, await headers(at[place])] as const)));
  const of = (way: Way) => made[way === 'apollo' ? 'registered' : way] ?? {};
  const answers = await Promise.all(ways.map((way) => answer(way, { ...sent, headers: of(way) })));
  const [first, ...others] = answers;
  for (const [index, other] of others.entries()) expect(other, ways[index + 1]).toEqual(first);
  return first;
}

/** The same headers again for each place: one sign-in. */
function once(make: (place: Place) => Promise<Record<string, string>>): (place: Place) => Promise<Record<string, string>> {
  const made = new Map<Place, Promise<Record<string, string>>>();
  return (place) => {
    const headers = made.get(place) ?? make(place);
    made.set(place, headers);
    return headers;
  };
}

let people = 0;
/** After the password of the last one was changed. */
async function anotherPerson(): Promise<void> {
  people += 1;
  await Promise.all(
    places.map(async (place) => {
      const { app } = at[place];
      at[place] = { app, person: await registeredPerson(app, `person-${people}@example.com`) };
    }),
  );
}

/** Until the fast path knows it; nothing is changed by it. */
async function makeKnown(document: string, rest: object = {}): Promise<void> {
  for (let sent = 0; sent < 6; sent += 1) await answer('known', { document, rest });
}

describe('a registered operation answers as its document does, that is known and that is not:', () => {
  it.each(documented)('%s', async (name, document) => {
    if (/^\s*query/m.test(document)) await makeKnown(document);
    for (const make of Object.values(credentials)) {
      // So that sessions stand in the order of their sign-ins.
      clock.advance(1);
      // What changes something is played once in each deployment.
      const played = await Promise.all(places.map(async (way) => answer(way, { document, headers: await make(at[way]) })));
      for (const other of played.slice(1)) expect(other).toEqual(played[0]);
      if (name === 'changePassword.graphql') await anotherPerson();
    }
  });

  it('with variables that fit and that do not', async () => {
    await makeKnown(conditional, { variables: { on: true } });
    const long = 'x'.repeat(5_000);
    const deep = JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`);
    const all = [
      {},
      { on: true },
      { on: false },
      { on: null },
      { on: 'true' },
      { on: 1 },
      { on: [true] },
      { on: long },
      { on: deep },
    ];
    for (const variables of [...all, { on: true, more: 1 }, null, undefined, [], 'x', 7])
      await everyWay({ document: conditional, rest: { variables } }, credentials.nobody);
    await makeKnown(withDefault);
    const mine = once(credentials['a cookie']);
    for (const variables of [{}, { first: 1 }, { first: null }, { first: -1 }, { first: 1e9 }, { first: '1' }, { First: 1 }])
      await everyWay({ document: withDefault, rest: { variables } }, mine);
    for (const variables of [
      {},
      { input: {} },
      { input: { email: 'x', password: '' } },
      { input: { email: 'x', passwort: 'y' } },
    ])
      await everyWay({ document: byInput, rest: { variables } }, credentials.nobody);
  });

  it('with names of operations', async () => {
    for (const operationName of ['a', 'b']) await makeKnown(twoOperations, { operationName });
    const mine = once(credentials['a cookie']);
    const of = async (operationName: unknown) =>
      (await everyWay({ document: twoOperations, rest: { operationName } }, mine))?.text;
    expect(await of('a')).toContain('"email":"person-');
    expect(await of('b')).toContain('"amr":["pwd"]');
    for (const odd of [null, undefined, '', 'c', 'toString', '__proto__', 1, {}, 'x'.repeat(200)]) await of(odd);
  });

  it('with credentials that are refused', async () => {
    await makeKnown(conditional, { variables: { on: true } });
    const bad: ((place: Place) => Record<string, string>)[] = [
      () => ({ authorization: 'Bearer no-token' }),
      () => ({ authorization: 'Basic eDp5' }),
      () => ({ authorization: 'DPoP no-token', dpop: 'no-proof' }),
      () => ({ cookie: '__Host-sallyport=sst_no-session; __Host-sallyport=sst_another' }),
      () => ({ cookie: '__Host-sallyport=sst_no-session', origin: 'https://evil.example' }),
      () => ({ 'x-device-id': 'short' }),
    ];
    for (const headers of bad) await everyWay({ document: conditional, rest: { variables: { on: true } } }, headers);
    const [refused] = bad;
    if (!refused) throw new Error('there is no case');
    expect((await everyWay({ document: conditional, rest: { variables: { on: true } } }, refused))?.status).toBe(401);
  });

  it('with what asks for too much, and with errors of resolvers', async () => {
    await makeKnown(tooMuch);
    await everyWay({ document: tooMuch }, credentials['an access token']);
    await makeKnown(failing);
    expect((await everyWay({ document: failing }, credentials['an access token']))?.text).toContain('"correlationId":"…"');
  });

  it('for each Accept that a client may send', async () => {
    await makeKnown(twoOperations, { operationName: 'a' });
    const accepts = [
      '*/*',
      'application/json',
      'application/graphql-response+json',
      'text/html',
      'application/json;q=0.5, */*;q=0.1',
    ];
    for (const accept of accepts) await everyWay({ document: twoOperations, rest: { operationName: 'a' } }, () => ({ accept }));
  });
});

describe('the fast path', () => {
  it('has a registered query that is compiled from its first request on, in every form', async () => {
    const document = '{ viewer { user { displayName } } }';
    const one = await registeredFile([document]);
    const app = await makeTestApp({ env: { REGISTERED_OPERATIONS_FILE: one.path } });
    try {
      const forms = [
        { documentId: idOf(document) },
        { documentId: `sha256:${idOf(document)}`, variables: {}, operationName: null },
        { extensions: { persistedQuery: { version: 1, sha256Hash: idOf(document) }, client: 'x' } },
      ];
      for (const [index, body] of forms.entries()) {
        const response = await fetch(`${app.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        expect(await response.json()).toEqual({ data: { viewer: null } });
        expect(await fastAnswers({ app, person: at.engine.person })).toBe(index + 1);
      }
    } finally {
      await app.close();
      await one.remove();
    }
  });

  it('answered in this suite what it was meant to answer, and nothing of the documents that were never sent before', async () => {
    expect(await fastAnswers(at.engine)).toBe(0);
    expect(await fastAnswers(at.known)).toBeGreaterThan(20);
    expect(await fastAnswers(at.registered)).toBeGreaterThan(20);
  });
});
