import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, type SignedIn, signIn } from '#tests/support/stories.ts';

/** A node knows the access tokens that it verified. What was true of one then must not keep it good. */

const env = { TRUST_PROXY: 'loopback' };

let app: TestApp;
let person: Person;
let me: SignedIn;
beforeAll(async () => {
  app = await makeTestApp({ env, clock: createFrozenClock() });
  person = await registeredPerson(app);
});
afterAll(() => app.close());
beforeEach(async () => {
  me = await signIn(app, person);
  await makeKnown(me);
});

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^access_token_cache_${name} (\\d+)`, 'm').exec(text)?.[1]);
}

const statusOf = async (accessToken: string, at: Pick<TestApp, 'url'> = app): Promise<number> =>
  (await new TestClient(at, { accessToken }).send(documents.viewer)).status;

async function makeKnown({ accessToken }: SignedIn): Promise<void> {
  expect(await statusOf(accessToken)).toBe(200);
  const before = await metric('hits');
  expect(await statusOf(accessToken)).toBe(200);
  expect(await metric('hits')).toBe(before + 1);
}

describe('an access token that the node knows', () => {
  it('is refused at once when its session ends, and so is every other token of it', async () => {
    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: me.refreshToken } });
    const second = refreshed.data.refreshSession.tokens.accessToken as string;
    expect(await statusOf(second)).toBe(200);
    await new TestClient(app, { accessToken: second }).send(documents.logout);
    for (const token of [me.accessToken, second]) expect(await statusOf(token)).toBe(401);
  });

  it('is refused when it has expired, also when the clock is set back afterwards', async () => {
    app.clock.advance(304);
    expect(await statusOf(me.accessToken)).toBe(200);
    app.clock.advance(1);
    expect(await statusOf(me.accessToken)).toBe(401);
    app.clock.advance(-200);
    expect(await statusOf(me.accessToken)).toBe(401);
    app.clock.advance(200);
  });

  it('is refused when its key is withdrawn', async () => {
    const entries = await metric('entries');
    const rows = await openRows(app);
    await rows.query('delete from signing_keys');
    await rows.close();
    await app.node.maintain();
    expect(await statusOf(me.accessToken)).toBe(401);
    expect(await metric('entries')).toBe(entries - 1);
    await makeKnown(await signIn(app, person));
  });

  it('is refused by a node for another audience, and still good where it belongs', async () => {
    const elsewhere = await makeTestApp({
      besides: app,
      env: { ...env, PUBLIC_URL: app.url, ACCESS_TOKEN_AUDIENCE: 'https://other.example' },
    });
    for (let tries = 0; tries < 2; tries += 1) expect(await statusOf(me.accessToken, elsewhere)).toBe(401);
    await elsewhere.close();
    expect(await statusOf(me.accessToken)).toBe(200);
  });

  it('lends nothing to its likes, and none of them takes its place', async () => {
    const [entries, hits] = [await metric('entries'), await metric('hits')];
    const [header, payload] = me.accessToken.split('.');
    const likes = [`${me.accessToken}A`, me.accessToken.slice(0, -1), `${me.accessToken}=`, `${me.accessToken}.`];
    for (let at = 0; at < me.accessToken.length; at += 20) {
      const other = me.accessToken[at] === 'A' ? 'B' : 'A';
      likes.push(`${me.accessToken.slice(0, at)}${other}${me.accessToken.slice(at + 1)}`);
    }
    while (likes.length < 60) likes.push(`${header}.${payload}.${randomBytes(64).toString('base64url')}`);
    for (const token of likes) expect(await statusOf(token), token).toBe(401);
    expect([await metric('entries'), await metric('hits')]).toEqual([entries, hits]);
    await makeKnown(me);
  });
});

describe('a node that may know one token', () => {
  it('forgets the one for the next, and both stay good', async () => {
    const small = await makeTestApp({ besides: app, env: { ...env, PUBLIC_URL: app.url, ACCESS_TOKEN_CACHE_ENTRIES: '1' } });
    const { accessToken } = await signIn(app, person);
    for (const token of [me.accessToken, accessToken, me.accessToken, accessToken])
      expect(await statusOf(token, small)).toBe(200);
    const text = await (await fetch(`${small.url}/metrics`)).text();
    expect(text).toMatch(/^access_token_cache_entries 1$/m);
    await small.close();
  });
});
