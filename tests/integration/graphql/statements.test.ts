import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { currentCorrelationId } from '#platform/observability/correlation.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import {
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  type SignedIn,
  signIn,
  signInWithCookie,
  tokenOf,
} from '#tests/support/stories.ts';

/**
 * How many SQL statements each operation costs, against the table in docs/architecture.md. Whoever makes an operation dearer
 * or cheaper has to say so there.
 */

interface Cost {
  readonly statements: number;
  readonly transactions: number;
}

interface Step {
  readonly client: TestClient;
  readonly document: string;
  readonly input?: object;
}

let app: TestApp;
let person: Person;
let me: SignedIn;

beforeAll(async () => {
  watchStatements();
  // Without the cache: what each costs when nothing is known yet.
  app = await makeTestApp({ env: { SESSION_CACHE_ENTRIES: '0' } });
  person = await registeredPerson(app);
  me = await signIn(app, person);
});
afterAll(async () => {
  pg.Client.prototype.query = plainQuery;
  await app?.close();
});

const plainQuery = pg.Client.prototype.query;
const costs = new Map<string, { statements: number; transactions: number }>();
const jobOf = (correlationId: string) => `job-of-${correlationId}`;

/** What moves and tells events after the answer. It runs under the request's correlation id but serves all of them. */
const ofTheFeed = /event_log|with taken as|pg_advisory_xact_lock|pg_notify/;

/** Counts what goes to PostgreSQL by the correlation id of the request that causes it. */
function watchStatements(): void {
  const open = new WeakMap<object, string[]>();
  const counted = function (this: pg.Client, ...args: unknown[]): unknown {
    const [query, values] = args;
    const text = typeof query === 'string' ? query : String((query as { text?: unknown }).text);
    const id = currentCorrelationId();
    if (id !== undefined) {
      const cost = costs.get(id) ?? { statements: 0, transactions: 0 };
      costs.set(id, cost);
      if (/^begin/i.test(text)) open.set(this, []);
      else if (/^(commit|rollback)/i.test(text)) cost.transactions += open.get(this)?.some((one) => ofTheFeed.test(one)) ? 0 : 1;
      else {
        open.get(this)?.push(text);
        if (!ofTheFeed.test(text)) cost.statements += 1;
      }
      // A job runs under the id of the request that queued it; here it gets another, so that it is not counted with it.
      if (text.includes('add_job') && Array.isArray(values))
        args[1] = values.map((value: unknown) => (typeof value === 'string' ? value.replaceAll(id, jobOf(id)) : value));
    }
    return Reflect.apply(plainQuery, this, args);
  };
  Object.assign(pg.Client.prototype, { query: counted });
}

const signInAgain = () => signIn(app, person);
const input = (values: object) => ({ input: values });
const anonymous = () => new TestClient(app);

/** Signed out, but known from before. */
async function browserOf(somebody: Person): Promise<TestClient> {
  const { client } = await signInWithCookie(app, somebody);
  client.cookie = undefined;
  return client;
}

/** How to get ready for each operation of the table; the request that is returned is what is counted. */
const operations: Readonly<Record<string, () => Promise<Step> | Step>> = {
  '`viewer`, nobody signed in': () => ({ client: anonymous(), document: documents.viewer }),
  '`viewer { user session }`': () => ({ client: me.client, document: documents.viewer }),
  '`viewer { sessions }`': () => ({ client: me.client, document: documents.sessions }),
  '`viewer { devices { sessions } }`': () => ({
    client: me.client,
    document: '{ viewer { devices { edges { node { name sessions { id } } } } } }',
  }),
  '`viewer { organisation permissions }`': () => ({
    client: me.client,
    document: '{ viewer { organisation { slug } permissions } }',
  }),
  '`node` of a user': () => ({ client: me.client, document: `{ node(id: "${person.userId}") { id } }` }),
  '`node` of a session': () => ({ client: me.client, document: `{ node(id: "${me.sessionId}") { id } }` }),
  '`login`, tokens': () => ({
    client: anonymous(),
    document: documents.login,
    input: input({ email: person.email, password: goodPassword, delivery: 'TOKENS' }),
  }),
  '`login`, cookie': async () => ({
    client: await browserOf(person),
    document: documents.login,
    input: input({ email: person.email, password: goodPassword, delivery: 'COOKIE' }),
  }),
  '`login`, cookie, new device': () => ({
    client: anonymous(),
    document: documents.login,
    input: input({ email: person.email, password: goodPassword, delivery: 'COOKIE' }),
  }),
  '`login`, wrong password': () => ({
    client: anonymous(),
    document: documents.login,
    input: input({ email: person.email, password: 'not the right password' }),
  }),
  '`login`, no such account': () => ({
    client: anonymous(),
    document: documents.login,
    input: input({ email: 'nobody@example.com', password: goodPassword }),
  }),
  '`refreshSession`': async () => ({
    client: anonymous(),
    document: documents.refreshSession,
    input: input({ refreshToken: (await signInAgain()).refreshToken }),
  }),
  '`logout`': async () => ({ client: (await signInAgain()).client, document: documents.logout }),
  '`revokeSession`': async () => ({
    client: me.client,
    document: documents.revokeSession,
    input: input({ sessionId: (await signInAgain()).sessionId }),
  }),
  '`register`': () => ({
    client: anonymous(),
    document: documents.register,
    input: input({ email: 'new@example.com', password: goodPassword, displayName: 'Ada Lovelace' }),
  }),
  '`verifyEmail`': async () => {
    const email = `new-${costs.size}@example.com`;
    await anonymous().send(documents.register, input({ email, password: goodPassword, displayName: 'Ada Lovelace' }));
    const token = tokenOf(await app.mailbox.waitFor(email, /confirm/i));
    return { client: anonymous(), document: documents.verifyEmail, input: input({ token, password: goodPassword }) };
  },
  '`requestPasswordReset`': () => ({
    client: anonymous(),
    document: documents.requestPasswordReset,
    input: input({ email: person.email }),
  }),
  '`changePassword`': async () => {
    const somebody = await registeredPerson(app);
    return {
      client: (await signIn(app, somebody)).client,
      document: documents.changePassword,
      input: input({ currentPassword: goodPassword, newPassword: 'fourteen hopeful orange giraffes' }),
    };
  },
};

async function costOf(prepare: () => Promise<Step> | Step): Promise<Cost> {
  const { client, document, input: variables } = await prepare();
  const answer = await client.send(document, variables);
  expect(answer.errors, answer.text).toBeUndefined();
  return costs.get(answer.headers.get('x-request-id') ?? '') ?? { statements: 0, transactions: 0 };
}

/** The rows of the table under "Statements per operation". */
async function documented(): Promise<Map<string, Cost>> {
  const text = await readFile('docs/architecture.md', 'utf8');
  const [, section = ''] = text.split('## Statements per operation');
  const rows = section.matchAll(/^\| (.+?) \| (\d+) \| (\d+) \|$/gm);
  return new Map(
    [...rows].map(([, name = '', statements, transactions]) => [
      name,
      { statements: Number(statements), transactions: Number(transactions) },
    ]),
  );
}

describe('the cost of an operation', () => {
  it('is documented for each that is measured, and the other way round', async () => {
    expect([...(await documented()).keys()].sort()).toEqual(Object.keys(operations).sort());
  });

  it.each(Object.entries(operations))('is what docs/architecture.md says: %s', async (name, prepare) => {
    // The first one may fill a cache, such as that of the signing keys.
    await costOf(prepare);
    expect(await costOf(prepare)).toEqual((await documented()).get(name));
  });
});
