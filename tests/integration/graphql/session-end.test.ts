import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  anotherNetwork,
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  signIn,
  signInWithCookie,
  tokenOf,
} from '#tests/support/stories.ts';
import { type Watch, watch } from '#tests/support/watch.ts';

// The promise of the product: a socket outlives its session by less than a second.
const promise = { timeout: 1_000, interval: 10 };
const newPassword = 'another long enough passphrase';

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

/** A person with two sessions; a socket of the first has shown its events and stands. */
async function watched(): Promise<{
  person: Person;
  reader: Watch;
  here: TestClient;
  sessionId: string;
  refreshToken: string;
  there: TestClient;
}> {
  const person = await registeredPerson(app);
  const { client: here, sessionId, refreshToken } = await signIn(app, person);
  const { client: there } = await signIn(app, person);
  const reader = watch(here, { after: '0' });
  await expect.poll(() => reader.types().filter((type) => type === 'login.succeeded').length, { timeout: 10_000 }).toBe(2);
  return { person, reader, here, sessionId, refreshToken, there };
}

const closed = (reader: Watch) => reader.closed.map(({ code }) => code);

type Ending = (scene: Awaited<ReturnType<typeof watched>>) => Promise<unknown>;

const endings: readonly [string, Ending][] = [
  ['logout', ({ here }) => here.send(documents.logout)],
  ['revokeSession', ({ there, sessionId }) => there.send(documents.revokeSession, { input: { sessionId } })],
  ['revokeSession by itself', ({ here, sessionId }) => here.send(documents.revokeSession, { input: { sessionId } })],
  ['revokeOtherSessions', ({ there }) => there.send(documents.revokeOtherSessions)],
  [
    'changePassword',
    ({ there }) => there.send(documents.changePassword, { input: { currentPassword: goodPassword, newPassword } }),
  ],
  [
    'resetPassword',
    async ({ person }) => {
      const anybody = new TestClient(app, { headers: anotherNetwork() });
      await anybody.send(documents.requestPasswordReset, { input: { email: person.email } });
      const token = tokenOf(await app.mailbox.waitFor(person.email, /new password/i));
      return anybody.send(documents.resetPassword, { input: { token, newPassword } });
    },
  ],
  [
    'a refresh token that is used a second time',
    async ({ refreshToken }) => {
      const anybody = new TestClient(app);
      await anybody.send(documents.refreshSession, { input: { refreshToken } });
      app.clock.advance(11);
      return anybody.send(documents.refreshSession, { input: { refreshToken } });
    },
  ],
];

describe('the socket of a session', () => {
  it.each(endings)('is closed with 4401 within a second of %s', async (_name, end) => {
    const scene = await watched();
    await end(scene);
    await expect.poll(() => closed(scene.reader), promise).toEqual([4401]);
    // The last that it could be told is its own end, and most often not even that.
    const [{ cursor } = { cursor: '0' }] = await rows.query<{ cursor: string }>(
      `select position::text as cursor from event_log where type = 'session.revoked' and session_id = $1`,
      [scene.sessionId],
    );
    expect(BigInt(scene.reader.events.at(-1)?.cursor ?? 0)).toBeLessThanOrEqual(BigInt(cursor));
  });

  it('by a cookie is closed too, also when the cookie is replaced by another sign-in', async () => {
    const person = await registeredPerson(app);
    const { client } = await signInWithCookie(app, person);
    const reader = watch(client, { after: '0' });
    await expect.poll(() => reader.types(), { timeout: 10_000 }).toContain('login.succeeded');
    await client.send(documents.login, { input: { email: person.email, password: person.password, delivery: 'COOKIE' } });
    await expect.poll(() => closed(reader), promise).toEqual([4401]);
  });

  it('stays open when another session ends', async () => {
    const { reader, there, sessionId } = await watched();
    await there.send(documents.logout);
    await expect.poll(() => reader.types().at(-1), promise).toBe('session.revoked');
    expect(reader.events.at(-1)?.sessionId).not.toBe(sessionId);
    expect(reader.closed).toEqual([]);
    await reader.stop();
  });

  it('is closed by the sweep when no event tells of the end: idle too long, suspended', async () => {
    const suspended = await watched();
    const idle = await watched();
    await rows.query(`update users set status = 'suspended' where id = $1`, [suspended.person.userId]);
    await rows.query(`update sessions set idle_expires_at = $1 where id = $2`, [app.clock.now(), idle.sessionId]);
    // Every five seconds.
    await expect.poll(() => [suspended, idle].map(({ reader }) => closed(reader)), { timeout: 10_000 }).toEqual([[4401], [4401]]);
  });
});
