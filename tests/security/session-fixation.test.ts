import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newOpaqueToken } from '#platform/crypto/index.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, goodPassword, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const newPassword = 'fourteen hopeful orange giraffes';
const patience = { timeout: 10_000, interval: 20 };

let app: TestApp;
let victim: Person;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
});
beforeEach(async () => {
  victim = await registeredPerson(app);
});
afterAll(() => app.close());

/** A browser that holds this cookie, however it came by it. */
function browserWith(cookie: string | undefined): TestClient {
  const browser = new TestClient(app, { headers: { origin: app.url } });
  browser.cookie = cookie;
  return browser;
}

async function whoIs(cookie: string | undefined): Promise<string | null> {
  return (await browserWith(cookie).send(documents.viewer)).data.viewer?.user.id ?? null;
}

async function signInAt(browser: TestClient): Promise<void> {
  const input = { email: victim.email, password: goodPassword, delivery: 'COOKIE' };
  expect((await browser.send(documents.login, { input })).data.login.__typename).toBe('LoginSuccess');
}

describe('a cookie that somebody planted before the sign-in', () => {
  it('never becomes the signed-in one, where the attacker made it up', async () => {
    const planted = `__Host-sallyport=${newOpaqueToken('spt').reveal()}`;
    const browser = browserWith(planted);
    await signInAt(browser);
    expect(browser.cookie).not.toBe(planted);
    expect(await whoIs(browser.cookie)).toBe(victim.userId);
    expect(await whoIs(planted)).toBeNull();
  });

  it('never becomes the signed-in one, where it is the attacker’s own session: that ends', async () => {
    const attacker = await registeredPerson(app);
    const planted = (await signInWithCookie(app, attacker)).client.cookie;
    const browser = browserWith(planted);
    await signInAt(browser);
    expect(browser.cookie).not.toBe(planted);
    expect(await whoIs(browser.cookie)).toBe(victim.userId);
    expect(await whoIs(planted)).toBeNull();
  });

  it('survives a sign-in that failed, and gains nothing by it', async () => {
    const attacker = await registeredPerson(app);
    const planted = (await signInWithCookie(app, attacker)).client.cookie;
    const browser = browserWith(planted);
    await browser.send(documents.login, { input: { email: victim.email, password: 'not the password', delivery: 'COOKIE' } });
    expect(browser.cookie).toBe(planted);
    expect(await whoIs(planted)).toBe(attacker.userId);
  });
});

describe('a copy of the cookie from before a change of the password', () => {
  const changePassword = { input: { currentPassword: goodPassword, newPassword } };

  it('is refused at once, while the session goes on by the cookie of the answer', async () => {
    const { client, sessionId } = await signInWithCookie(app, victim);
    const stolen = client.cookie;
    const reader = watch(client, { after: '0' });
    const { data } = await client.send(documents.changePassword, changePassword);
    expect(data.changePassword).toEqual({ __typename: 'ChangePasswordSuccess', revokedSessionCount: 0 });
    expect(client.cookie).not.toBe(stolen);
    expect(await whoIs(stolen)).toBeNull();
    expect((await client.send(documents.viewer)).data.viewer.session.id).toBe(sessionId);
    await expect.poll(() => reader.types(), patience).toContain('session.rotated');
    expect(reader.closed).toEqual([]);
    await reader.stop();
  });

  it('stays good when the change was refused', async () => {
    const { client } = await signInWithCookie(app, victim);
    const { cookie } = client;
    await client.send(documents.changePassword, { input: { currentPassword: 'not the password', newPassword } });
    await client.send(documents.changePassword, { input: { currentPassword: goodPassword, newPassword: 'short' } });
    expect(client.cookie).toBe(cookie);
    expect(await whoIs(cookie)).toBe(victim.userId);
  });

  it('is none where the session has tokens: no cookie is set', async () => {
    const { client } = await signIn(app, victim);
    const { headers } = await client.send(documents.changePassword, changePassword);
    expect(headers.getSetCookie()).toEqual([]);
    expect((await client.send(documents.viewer)).data.viewer.user.id).toBe(victim.userId);
  });
});
