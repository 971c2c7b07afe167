import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  anotherNetwork,
  documents,
  goodPassword,
  registeredPerson,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback', STEP_UP_MAX_AGE_SECONDS: '600' }, clock: createFrozenClock() });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const proveAgain = (client: TestClient, password = goodPassword) =>
  client.send(documents.reauthenticate, { input: { password } });

async function sessionRow(id: string): Promise<Record<string, unknown>> {
  const [row] = await rows.query('select * from sessions where id = $1', [id]);
  return row ?? {};
}

describe('reauthenticate', () => {
  it('makes auth_time now and changes nothing else of the session or its tokens', async () => {
    const me = await signIn(app, await registeredPerson(app));
    const before = await sessionRow(me.sessionId);
    app.clock.advance(30);
    const { data, text } = await proveAgain(me.client);
    expect(data?.reauthenticate, text).toEqual({
      __typename: 'ReauthenticateSuccess',
      session: { id: me.sessionId, authTime: app.clock.now().toISOString(), amr: ['pwd'], acr: 'urn:sallyport:aal1' },
    });
    expect(await sessionRow(me.sessionId)).toEqual({ ...before, auth_time: app.clock.now() });
    expect((await me.client.send(documents.viewer)).data.viewer.session.id).toBe(me.sessionId);
    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: me.refreshToken } });
    const claims = JSON.parse(
      Buffer.from(refreshed.data.refreshSession.tokens.accessToken.split('.')[1], 'base64url').toString(),
    );
    expect(claims).toMatchObject({
      auth_time: Math.floor(app.clock.now().getTime() / 1000),
      amr: ['pwd'],
      acr: 'urn:sallyport:aal1',
    });
  });

  it('with a wrong password refreshes nothing', async () => {
    const me = await signIn(app, await registeredPerson(app));
    const before = await sessionRow(me.sessionId);
    app.clock.advance(30);
    const { data } = await proveAgain(me.client, 'not the password');
    expect(data?.reauthenticate).toEqual({ __typename: 'InvalidCredentialsError', code: 'INVALID_CREDENTIALS' });
    expect(await sessionRow(me.sessionId)).toEqual(before);
  });

  it('with the password of somebody else refreshes nothing', async () => {
    const me = await signIn(app, await registeredPerson(app));
    const thief = await signIn(app, await registeredPerson(app));
    await thief.client.send(documents.changePassword, {
      input: { currentPassword: goodPassword, newPassword: 'a passphrase of the thief’s own' },
    });
    const { data } = await proveAgain(me.client, 'a passphrase of the thief’s own');
    expect(data?.reauthenticate.code).toBe('INVALID_CREDENTIALS');
  });

  it('is no place for a stolen session to guess the password at, and its guesses keep nobody from signing in', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    for (let attempt = 0; attempt < 6; attempt += 1) await proveAgain(client, `guess ${attempt}`);
    const { data } = await proveAgain(client);
    expect(data?.reauthenticate.code).toBe('RATE_LIMITED');
    const login = await new TestClient(app, { headers: anotherNetwork() }).send(documents.login, {
      input: { email: person.email, password: goodPassword },
    });
    expect(login.data?.login.__typename).toBe('LoginSuccess');
  });

  it('is for who is signed in', async () => {
    const { data } = await proveAgain(new TestClient(app));
    expect(data?.reauthenticate.code).toBe('UNAUTHENTICATED');
  });
});

describe('an export of the organisation’s events', () => {
  it('wants a proof of the last ten minutes, which the same session can give; the newest day needs none', async () => {
    const { person } = await signedInAdmin(app);
    const { client } = await signInWithCookie(app, person);
    const everything = { after: '0', filter: { scope: 'ORGANISATION' } };
    app.clock.advance(600);

    const recent = watch(client, everything);
    await expect.poll(() => recent.types(), patience).toContain('admin.claimed');
    await recent.stop();

    app.clock.advance(86_400);
    const refused = watch(client, everything);
    await expect.poll(() => refused.errors, patience).toEqual(['STEP_UP_REQUIRED']);
    expect(refused.events).toEqual([]);
    await refused.stop();

    expect((await proveAgain(client)).data?.reauthenticate.__typename).toBe('ReauthenticateSuccess');
    const taken = watch(client, everything);
    await expect.poll(() => taken.types(), patience).toContain('admin.claimed');
    await taken.stop();
  });
});
