import type { Client } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionId } from '#kernel/ids.ts';
import type { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openProductBeside } from '#tests/support/product-beside.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, goodPassword, registeredPerson, signedInAdmin, signIn, signInWithCookie } from '#tests/support/stories.ts';

/** Who acts is found out anew for each request, each message on a socket and each job, by one function and by the session. */

const patience = { timeout: 10_000, interval: 20 };

let app: TestApp;
/** Another node of the same deployment that keeps no sessions in memory: what is changed past the product, it sees at once. */
let uncached: TestApp;
let rows: Rows;
beforeAll(async () => {
  const env = { TRUST_PROXY: 'loopback' };
  app = await makeTestApp({ env, clock: createFrozenClock() });
  uncached = await makeTestApp({ besides: app, env: { ...env, PUBLIC_URL: app.url, SESSION_CACHE_ENTRIES: '0' } });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await uncached.close();
  await app.close();
});

interface Stream {
  readonly types: string[];
  readonly errors: unknown[];
}

/** Subscribes once more, on the socket that is open already. */
function subscribe(socket: Client, variables: Record<string, unknown>): Stream {
  const stream: Stream = { types: [], errors: [] };
  socket.subscribe<{ securityEvents: { type: string } }>(
    { query: documents.securityEvents, variables },
    {
      next: ({ data, errors = [] }) => {
        if (data) stream.types.push(data.securityEvents.type);
        for (const { extensions } of errors) stream.errors.push(extensions?.['code']);
      },
      error: () => {},
      complete: () => {},
    },
  );
  return stream;
}

/** A socket on which a first subscription stands. */
async function openSocket(client: TestClient) {
  const closed: number[] = [];
  const socket = client.socket((code) => closed.push(code));
  const first = subscribe(socket, { after: '0' });
  await expect.poll(() => first.types, patience).toContain('login.succeeded');
  return { socket, closed };
}

describe('the next message on an open socket', () => {
  it('is refused, and the socket closed, when the session ended without anybody being told', async () => {
    const me = await signIn(uncached, await registeredPerson(uncached));
    const { socket, closed } = await openSocket(me.client);
    await rows.query('update sessions set revoked_at = $1 where id = $2', [uncached.clock.now(), me.sessionId]);
    const next = subscribe(socket, { after: '0' });
    await expect.poll(() => closed, patience).toEqual([4401]);
    expect(next.types).toEqual([]);
  });

  it('is refused when the person was suspended meanwhile', async () => {
    const person = await registeredPerson(uncached);
    const me = await signIn(uncached, person);
    const { socket, closed } = await openSocket(me.client);
    await rows.query(`update users set status = 'suspended' where id = $1`, [person.userId]);
    const next = subscribe(socket, { after: '0' });
    await expect.poll(() => closed, patience).toEqual([4401]);
    expect(next.types).toEqual([]);
  });

  it('is served while the session lives, also when the access token that opened the socket has expired', async () => {
    const me = await signIn(app, await registeredPerson(app));
    const { socket, closed } = await openSocket(me.client);
    app.clock.advance(400);
    expect((await me.client.send(documents.viewer)).errors?.[0]?.extensions['code']).toBe('ACCESS_TOKEN_INVALID');
    const next = subscribe(socket, { after: '0' });
    await expect.poll(() => next.types, patience).toContain('login.succeeded');
    expect(closed).toEqual([]);
    await socket.dispose();
  });

  it('sees that the person proved again who they are, by HTTP', async () => {
    const { person } = await signedInAdmin(app);
    const { client } = await signInWithCookie(app, person);
    const everything = { after: '0', filter: { scope: 'ORGANISATION' } };
    const { socket } = await openSocket(client);
    app.clock.advance(90_000);
    const refused = subscribe(socket, everything);
    await expect.poll(() => refused.errors, patience).toEqual(['STEP_UP_REQUIRED']);
    await client.send(documents.reauthenticate, { input: { password: goodPassword } });
    const served = subscribe(socket, everything);
    await expect.poll(() => served.types, patience).toContain('admin.claimed');
    await socket.dispose();
  });
});

describe('a job that acts for a person', () => {
  it('becomes them by their session, as a request does, and nobody once it has ended', async () => {
    const beside = await openProductBeside(app);
    try {
      const me = await signIn(app, await registeredPerson(app));
      const origin = { ipAddress: '', userAgent: '', correlationId: 'job' };
      const resolve = () => beside.capabilities.authenticate({ kind: 'session', sessionId: me.sessionId as SessionId }, origin);
      expect((await resolve())?.actor).toMatchObject({ kind: 'user', sessionId: me.sessionId, amr: ['pwd'], origin });
      await me.client.send(documents.logout);
      expect(await resolve()).toBeNull();
    } finally {
      await beside.close();
    }
  });
});
