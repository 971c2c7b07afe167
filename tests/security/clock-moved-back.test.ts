import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { anotherNetwork, documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

/** Somebody sets the clock back, or NTP does: what time has ended stays ended. */

const day = 86_400;

const clock = createFrozenClock();
let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback', SESSION_IDLE_TIMEOUT_SECONDS: String(day) }, clock });
  person = await registeredPerson(app);
});
afterAll(() => app.close());

/** Runs `attack` a while after now with the clock set back to now, and puts the clock right again. */
async function afterSettingBack<T>(seconds: number, between: () => Promise<unknown>, attack: () => Promise<T>): Promise<T> {
  clock.advance(seconds);
  await between();
  clock.advance(-seconds);
  try {
    return await attack();
  } finally {
    clock.advance(seconds);
  }
}

const refresh = (refreshToken: string) =>
  new TestClient(app, { headers: anotherNetwork() }).send(documents.refreshSession, { input: { refreshToken } });
const nothing = async () => undefined;

describe('the clock moved back', () => {
  it('brings no session to life that timed out: neither by its cookie nor by its tokens', async () => {
    const inBrowser = await signInWithCookie(app, person, { headers: anotherNetwork() });
    const inApp = await signIn(app, person, { headers: anotherNetwork() });
    const seenOut = async () => expect((await inBrowser.client.send(documents.viewer)).data).toEqual({ viewer: null });
    await afterSettingBack(day + 1, seenOut, async () => {
      expect((await inBrowser.client.send(documents.viewer)).data).toEqual({ viewer: null });
      expect((await inApp.client.send(documents.viewer)).status).toBe(401);
      expect((await refresh(inApp.refreshToken)).data.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
    });
  });

  it('brings no access token back to life', async () => {
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    expect((await client.send(documents.viewer)).status).toBe(200);
    const seenOut = async () => expect((await client.send(documents.viewer)).status).toBe(401);
    await afterSettingBack(400, seenOut, async () => expect((await client.send(documents.viewer)).status).toBe(401));
  });

  it('revives nothing that was revoked', async () => {
    const { client } = await signInWithCookie(app, person, { headers: anotherNetwork() });
    const revoke = async () => expect((await client.send(documents.logout)).data.logout.__typename).toBe('LogoutSuccess');
    const { cookie } = client;
    await afterSettingBack(60, revoke, async () => {
      client.cookie = cookie;
      expect((await client.send(documents.viewer)).data).toEqual({ viewer: null });
    });
  });

  it('makes no second tab of a stolen refresh token that was used long ago: the family ends', async () => {
    const { refreshToken } = await signIn(app, person, { headers: anotherNetwork() });
    const first = await refresh(refreshToken);
    expect(first.data.refreshSession.__typename).toBe('RefreshSessionSuccess');
    const tellTime = async () => expect((await new TestClient(app).send(documents.viewer)).status).toBe(200);
    const hour = async () => {
      await tellTime();
      // The rightful owner goes on meanwhile.
      expect((await refresh(first.data.refreshSession.tokens.refreshToken)).data.refreshSession.__typename).toBe(
        'RefreshSessionSuccess',
      );
    };
    await afterSettingBack(3_600, hour, async () => {
      expect((await refresh(refreshToken)).data.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
    });
    expect((await refresh(first.data.refreshSession.tokens.refreshToken)).data.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
  });

  it('opens no throttle', async () => {
    const target = await registeredPerson(app);
    const network = anotherNetwork();
    const guess = async (password: string) =>
      (await new TestClient(app, { headers: network }).send(documents.login, { input: { email: target.email, password } })).data
        .login.__typename;
    for (let attempt = 0; attempt < 6; attempt += 1) expect(await guess('a wrong guess at it')).toBe('InvalidCredentialsError');
    await afterSettingBack(0, nothing, async () => expect(await guess(target.password)).toBe('RateLimitedError'));
    clock.advance(-2 * day);
    expect(await guess(target.password)).toBe('RateLimitedError');
    clock.advance(2 * day);
    expect(await guess(target.password)).toBe('RateLimitedError');
    clock.advance(1);
    expect(await guess(target.password)).toBe('LoginSuccess');
  });

  it('is told by readiness, so that traffic goes to a node whose clock is right', async () => {
    const ready = async () => (await fetch(`${app.url}/health/ready`)).json();
    clock.advance(2);
    expect(await ready()).toMatchObject({ status: 'ready', checks: { clock: 'ok' } });
    clock.advance(-10);
    await expect.poll(ready, { timeout: 10_000 }).toMatchObject({ status: 'not ready', checks: { clock: 'failed' } });
    clock.advance(10);
    await expect.poll(ready, { timeout: 10_000 }).toMatchObject({ status: 'ready', checks: { clock: 'ok' } });
  });
});
