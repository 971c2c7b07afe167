import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRawSocket, type RawSocket } from '#tests/support/raw-socket.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  documents,
  type Person,
  registeredPerson,
  type SignedIn,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };
const live = 'subscription { securityEvents { type } }';

let app: TestApp;
let rows: Rows;
let person: Person;
let session: SignedIn;
let silent: RawSocket;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
  // Says nothing from here on: a test below looks what became of it.
  silent = await openRawSocket(app);
  person = await registeredPerson(app);
  session = await signIn(app, person);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

async function acknowledged(): Promise<RawSocket> {
  const socket = await openRawSocket(app);
  await socket.init(session.accessToken);
  expect(socket.messages).toEqual([{ type: 'connection_ack' }]);
  return socket;
}

const codes = (socket: RawSocket) => socket.closed.map(({ code }) => code);
const codesOf = (socket: RawSocket, id: string) =>
  socket.messages
    .filter((message) => message.id === id && message.type === 'error')
    .flatMap(({ payload }) => (payload as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code));

describe('an error on a socket', () => {
  it.each([
    ['that does not fit the schema', 'subscription { nope }', {}],
    ['that may not be watched', 'subscription($filter: SecurityEventFilter) { securityEvents(filter: $filter) { type } }', true],
    ['that is no subscription', '{ viewer { user { id } } }', {}],
  ])('of an operation %s quotes the correlation id of its connection, and nothing that is for HTTP', async (_name, query, of) => {
    const correlationId = 'a-socket-of-this-test';
    const socket = await openRawSocket(app, { headers: { 'x-request-id': correlationId } });
    await socket.init(session.accessToken);
    const variables = of === true ? { filter: { scope: 'ORGANISATION' } } : {};
    socket.subscribe('refused', query, variables);
    await expect.poll(() => socket.messages.find(({ id }) => id === 'refused'), patience).toBeDefined();
    const payload = socket.messages.find(({ id }) => id === 'refused')?.payload;
    const errors = (Array.isArray(payload) ? payload : (payload as { errors: unknown[] }).errors) as {
      extensions: Record<string, unknown>;
    }[];
    expect(errors).not.toEqual([]);
    for (const { extensions } of errors) {
      expect(extensions).toMatchObject({ code: expect.any(String), correlationId });
      expect(extensions).not.toHaveProperty('http');
    }
    socket.close();
  });
});

describe('the graphql-transport-ws protocol', () => {
  it('closes with 4401 on a subscription before the acknowledgement', async () => {
    const socket = await openRawSocket(app);
    socket.subscribe('1', live);
    await expect.poll(() => codes(socket), patience).toEqual([4401]);
  });

  it('closes with 4429 on a second connection_init', async () => {
    const socket = await acknowledged();
    socket.send({ type: 'connection_init' });
    await expect.poll(() => codes(socket), patience).toEqual([4429]);
  });

  it('closes with 4409 on a second subscription of one id', async () => {
    const socket = await acknowledged();
    socket.subscribe('same', live);
    socket.subscribe('same', live);
    await expect.poll(() => codes(socket), patience).toEqual([4409]);
  });

  it('closes with 4406 without a subprotocol', async () => {
    const socket = await openRawSocket(app, { protocols: [] });
    await expect.poll(() => codes(socket), patience).toEqual([4406]);
    expect(socket.messages).toEqual([]);
  });

  it('answers a ping, and completes what the client completes', async () => {
    const socket = await acknowledged();
    socket.send({ type: 'ping' });
    await expect.poll(() => socket.messages.at(-1)?.type, patience).toBe('pong');
    socket.subscribe('1', documents.securityEvents, { after: '0' });
    await expect.poll(() => socket.messages.filter(({ type }) => type === 'next').length, patience).toBeGreaterThan(2);
    socket.send({ type: 'complete', id: '1' });
    socket.subscribe('1', live);
    socket.send({ type: 'ping' });
    await expect.poll(() => socket.messages.at(-1)?.type, patience).toBe('pong');
    expect(socket.closed).toEqual([]);
    socket.close();
  });

  it('closes with 4408 who does not say connection_init in time', async () => {
    await expect.poll(() => codes(silent), { timeout: 10_000 }).toEqual([4408]);
  });
});

describe('who may connect', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty payload', {}],
    ['no Bearer token', { authorization: 'Basic YWRhOnBhc3N3b3Jk' }],
    ['an empty authorization', { authorization: '' }],
    ['a made-up token', { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }],
    ['an opaque token nobody was given', { authorization: `Bearer spt_${'A'.repeat(43)}` }],
    ['an authorization that is no text', { authorization: ['Bearer'] }],
    ['a cookie in the payload', { cookie: '__Host-sallyport=spt_x' }],
  ])('is not who brings %s: 4401', async (_name, payload) => {
    const socket = await openRawSocket(app);
    socket.send({ type: 'connection_init', payload });
    await expect.poll(() => codes(socket), patience).toEqual([4401]);
    expect(socket.messages).toEqual([]);
  });

  it('is not who brings a token of a session that ended: 4401', async () => {
    const { client, accessToken } = await signIn(app, person);
    await client.send(documents.logout);
    const socket = await openRawSocket(app);
    await socket.init(accessToken);
    await expect.poll(() => codes(socket), patience).toEqual([4401]);
  });

  it('is who brings the cookie of the session, from an own page or from no page', async () => {
    const { client } = await signInWithCookie(app, person);
    const headers = { cookie: String(client.cookie) };
    for (const more of [{}, { origin: app.url }]) {
      const socket = await openRawSocket(app, { headers: { ...headers, ...more } });
      socket.send({ type: 'connection_init' });
      await expect.poll(() => socket.messages, patience).toEqual([{ type: 'connection_ack' }]);
      socket.close();
    }
  });

  it('is nobody with a cookie that a foreign page sends along', async () => {
    const { client } = await signInWithCookie(app, person);
    const headers = { cookie: String(client.cookie), 'sec-fetch-site': 'cross-site' };
    const socket = await openRawSocket(app, { headers });
    socket.send({ type: 'connection_init' });
    await expect.poll(() => codes(socket), patience).toEqual([4401]);
  });

  it('is not the 21st of one session: 4403, and one that goes makes room', async () => {
    const { accessToken } = await signIn(app, person);
    const sockets = await Promise.all(Array.from({ length: 20 }, () => openRawSocket(app)));
    await Promise.all(sockets.map((socket) => socket.init(accessToken)));
    const refused = await openRawSocket(app);
    await refused.init(accessToken);
    await expect.poll(() => codes(refused), patience).toEqual([4403]);
    sockets[0]?.close();
    await expect
      .poll(async () => {
        const next = await openRawSocket(app);
        await next.init(accessToken);
        const { messages } = next;
        next.close();
        return messages;
      }, patience)
      .toEqual([{ type: 'connection_ack' }]);
    for (const socket of sockets) socket.close();
  });
});

describe('what may be asked', () => {
  it.each<[string, string]>([
    ['a query', '{ viewer { user { id } } }'],
    ['a mutation', 'mutation { logout { __typename } }'],
    ['a document that is none', 'subscription {'],
    ['an unknown field', 'subscription { everything }'],
    ['two root fields', 'subscription { a: securityEvents { id } b: securityEvents { id } }'],
    ['introspection by subscription', 'subscription { __schema { types { name } } }'],
    ['too deep a value', `subscription { securityEvents(filter: ${'['.repeat(200)}${']'.repeat(200)}) { id } }`],
    ['a document that is too large', `subscription { securityEvents { id } } # ${'x'.repeat(40_000)}`],
  ])('is not %s: refused by an error of its own, and the socket stays', async (_name, query) => {
    const socket = await acknowledged();
    socket.subscribe('bad', query);
    await expect.poll(() => codesOf(socket, 'bad').length, patience).toBeGreaterThan(0);
    for (const code of codesOf(socket, 'bad')) expect(code).toMatch(/^(GRAPHQL_INVALID|QUERY_TOO_\w+)$/);
    socket.send({ type: 'ping' });
    await expect.poll(() => socket.messages.at(-1)?.type, patience).toBe('pong');
    socket.close();
    expect((await session.client.send(documents.viewer)).status).toBe(200);
  });

  it('is not a 21st subscription on one socket', async () => {
    const socket = await acknowledged();
    for (let index = 1; index <= 21; index += 1) socket.subscribe(`s${index}`, live);
    await expect.poll(() => codesOf(socket, 's21'), patience).toEqual(['RATE_LIMITED']);
    expect(socket.closed).toEqual([]);
    socket.close();
  });

  it('is no subscription over HTTP, whose stream would outlive its session', async () => {
    for (const accept of ['text/event-stream', '*/*', 'application/json', 'multipart/mixed, application/json']) {
      const answer = await session.client.send(documents.securityEvents, { after: '0' }, { accept });
      expect(answer.status, accept).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('login.succeeded');
      expect(answer.headers.get('content-type')).not.toContain('event-stream');
    }
    const refused = await session.client.send(documents.securityEvents);
    expect(refused).toMatchObject({ status: 400, errors: [{ extensions: { code: 'SUBSCRIPTION_NEEDS_SOCKET' } }] });
  });
});

describe('whose events are seen', () => {
  it('are one’s own alone, whatever the filter says', async () => {
    const other = await registeredPerson(app);
    const mine = watch(session.client, { after: '0' });
    const types = ['login.succeeded', 'password.rejected', 'session.revoked', 'registration.requested'];
    const filtered = watch(session.client, { after: '0', filter: { scope: 'SELF', minSeverity: 'INFO', types } });
    const { client } = await signIn(app, other);
    await new TestClient(app).send(documents.login, { input: { email: other.email, password: 'a wrong password' } });
    await client.send(documents.logout);
    // The own event that comes after all those of the other.
    const { sessionId } = await signIn(app, person);
    for (const reader of [mine, filtered]) {
      await expect.poll(() => reader.events.at(-1)?.sessionId, patience).toBe(sessionId);
      expect(new Set(reader.events.map(({ subjectId }) => subjectId))).toEqual(new Set([person.userId]));
      await reader.stop();
    }
  });

  it('are not the organisation’s without the permission event:read', async () => {
    const reader = watch(session.client, { after: '0', filter: { scope: 'ORGANISATION' } });
    await expect.poll(() => reader.errors, patience).toEqual(['FORBIDDEN']);
    expect(reader.events).toEqual([]);
    await reader.stop();
  });

  it('are the organisation’s for who holds event:read, until the role is taken away', async () => {
    const admin = await signedInAdmin(app);
    const reader = watch(admin.client, { filter: { scope: 'ORGANISATION' } });
    const own = watch(admin.client, { after: '0' });
    await expect.poll(() => own.events.length, patience).toBeGreaterThan(0);
    const { sessionId } = await signIn(app, person);
    await expect
      .poll(() => reader.events.at(-1), patience)
      .toMatchObject({ type: 'login.succeeded', sessionId, subjectId: person.userId });

    await rows.query('delete from role_assignments where user_id = $1', [admin.person.userId]);
    app.clock.advance(2);
    const seen = reader.events.length;
    const secret = await signIn(app, person);
    await expect.poll(() => reader.errors, patience).toEqual(['FORBIDDEN']);
    expect(reader.events.slice(seen)).toEqual([]);
    expect(reader.events.map((event) => event.sessionId)).not.toContain(secret.sessionId);
    // The person's own events go on.
    const again = await signIn(app, admin.person);
    await expect.poll(() => own.events.at(-1)?.sessionId, patience).toBe(again.sessionId);
    await reader.stop();
    await own.stop();
  });
});
