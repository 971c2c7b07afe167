import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventsAbout } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { anotherNetwork, documents, goodPassword, registeredPerson, signedInAdmin, signIn } from '#tests/support/stories.ts';

const permissions = '{ viewer { user { id } permissions } }';

// A deployment has its first administrator once, so each test has a deployment.
let app: TestApp;
let rows: Rows;
beforeEach(async () => {
  app = await makeTestApp({ clock: createFrozenClock(), env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
afterEach(async () => {
  await rows.close();
  await app.close();
});

async function linkToken(at: TestApp = app): Promise<string> {
  const token = (await at.node.firstAdminLink())?.split('#token=')[1];
  if (!token) throw new Error('there is an administrator already');
  return token;
}

async function claim(token: string, email = 'grace@example.com', input: Record<string, unknown> = {}) {
  const { data, text } = await new TestClient(app).send(
    documents.claimFirstAdmin,
    { input: { token, email, password: goodPassword, displayName: 'Grace Hopper', ...input } },
    anotherNetwork(),
  );
  if (!data) throw new Error(text);
  return data.claimFirstAdmin;
}

const invalid = { __typename: 'TokenInvalidError', code: 'TOKEN_INVALID' };
const usersIn = async () => (await rows.query('select id from users')).length;

describe('the link of a new deployment', () => {
  it('makes one owner, who may do everything and can sign in at once', async () => {
    const token = await linkToken();
    const claimed = await claim(token, 'Grace@Example.com');
    expect(claimed).toMatchObject({ __typename: 'ClaimFirstAdminSuccess', user: { email: 'Grace@Example.com' } });
    const userId = claimed.user.id;
    const { client } = await signIn(app, { email: 'grace@example.com', password: goodPassword, userId });
    const { data } = await client.send(permissions);
    expect(data.viewer.user.id).toBe(userId);
    expect(data.viewer.permissions).toContain('*:*');
    expect(await eventsAbout(rows, userId, 'admin.claimed')).toMatchObject([{ severity: 'critical' }]);

    expect(await claim(token, 'second@example.com')).toEqual(invalid);
    expect(await usersIn()).toBe(1);
  });

  it('is there no more once there is an owner', async () => {
    const { client } = await signedInAdmin(app);
    expect(await app.node.firstAdminLink()).toBeNull();
    const member = await signIn(app, await registeredPerson(app), { headers: anotherNetwork() });
    expect((await member.client.send(permissions)).data.viewer.permissions).toEqual([]);
    expect((await client.send(permissions)).data.viewer.permissions).toContain('*:*');
  });

  it('makes exactly one of 20 who use it at the same time', async () => {
    const token = await linkToken();
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(token, `claim-${index}@example.com`)));
    expect(results.filter(({ __typename }) => __typename === 'ClaimFirstAdminSuccess')).toHaveLength(1);
    expect(results.filter(({ code }) => code === 'TOKEN_INVALID')).toHaveLength(19);
    expect(await usersIn()).toBe(1);
    expect(await rows.query('select user_id from role_assignments')).toHaveLength(1);
  });

  it('stays good beside newer ones, of this node or another, and all are void once one is used', async () => {
    const first = await linkToken();
    const second = await linkToken();
    const other = await makeTestApp({ besides: app });
    try {
      const third = await linkToken(other);
      expect(await claim(first)).toMatchObject({ __typename: 'ClaimFirstAdminSuccess' });
      for (const token of [second, third]) expect(await claim(token, 'second@example.com')).toEqual(invalid);
      expect(await rows.query('select id from bootstrap_tokens')).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('makes one owner when different links are used at the same time', async () => {
    const tokens: string[] = [];
    for (let count = 0; count < 8; count += 1) tokens.push(await linkToken());
    const results = await Promise.all(tokens.map((token, index) => claim(token, `claim-${index}@example.com`)));
    expect(results.filter(({ __typename }) => __typename === 'ClaimFirstAdminSuccess')).toHaveLength(1);
    expect(await rows.query('select user_id from role_assignments')).toHaveLength(1);
    expect(await usersIn()).toBe(1);
  });

  it('is one of ten at most: the oldest make room', async () => {
    const oldest = await linkToken();
    for (let count = 0; count < 10; count += 1) {
      app.clock.advance(1);
      await linkToken();
    }
    expect(await rows.query('select id from bootstrap_tokens')).toHaveLength(10);
    expect(await claim(oldest)).toEqual(invalid);
  });

  it('is good for a day', async () => {
    const late = await linkToken();
    app.clock.advance(86_400);
    expect(await claim(late)).toEqual(invalid);
    const fresh = await linkToken();
    app.clock.advance(86_399.999);
    expect(await claim(fresh)).toMatchObject({ __typename: 'ClaimFirstAdminSuccess' });
  });

  it('stays good when the name, the address or the password is refused, and nobody comes into being', async () => {
    const token = await linkToken();
    expect(await claim(token, 'no-at-sign')).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await claim(token, 'grace@example.com', { displayName: ' ' })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await claim(token, 'grace@example.com', { password: 'short' })).toMatchObject({ code: 'PASSWORD_REJECTED' });
    expect(await claim(token, 'grace@example.com', { password: 'gracehopper@@@@1' })).toMatchObject({
      code: 'PASSWORD_REJECTED',
    });
    expect(await usersIn()).toBe(0);
    expect(await claim(token)).toMatchObject({ __typename: 'ClaimFirstAdminSuccess' });
  });

  it('takes over no account that exists: the address of a member is refused, the link stays good', async () => {
    const member = await registeredPerson(app, 'member@example.com');
    const token = await linkToken();
    expect(await claim(token, 'MEMBER@example.com', { password: 'an attacker would like this' })).toEqual(invalid);
    const { client } = await signIn(app, member, { headers: anotherNetwork() });
    expect((await client.send(permissions)).data.viewer.permissions).toEqual([]);
    expect(await claim(token)).toMatchObject({ __typename: 'ClaimFirstAdminSuccess' });
  });

  it('kills the links of whoever signed up with the address before', async () => {
    await new TestClient(app).send(
      documents.register,
      { input: { email: 'grace@example.com', password: 'planted by an attacker', displayName: 'Mallory' } },
      anotherNetwork(),
    );
    const planted = (await app.mailbox.waitFor('grace@example.com', /confirm/i)).text.match(/#token=(\S+)/)?.[1];
    await claim(await linkToken());
    const input = { token: planted, password: 'planted by an attacker' };
    const { data } = await new TestClient(app).send(documents.verifyEmail, { input }, anotherNetwork());
    expect(data.verifyEmail).toEqual(invalid);
  });

  it('can not be guessed: a network that tries many is slowed', async () => {
    const token = await linkToken();
    const headers = anotherNetwork();
    const codes: string[] = [];
    for (let guess = 0; guess < 53; guess += 1) {
      const forged = `${token.slice(0, 4)}${crypto
        .randomUUID()
        .replaceAll('-', '')
        .padEnd(token.length - 4, 'A')
        .slice(0, token.length - 4)}`;
      const { data } = await new TestClient(app).send(
        documents.claimFirstAdmin,
        { input: { token: forged, email: 'mallory@example.com', password: goodPassword, displayName: 'Mallory' } },
        headers,
      );
      codes.push(data.claimFirstAdmin.code);
    }
    expect(new Set(codes)).toEqual(new Set(['TOKEN_INVALID', 'RATE_LIMITED']));
    expect(await claim(token)).toMatchObject({ __typename: 'ClaimFirstAdminSuccess' });
  });

  it('stands nowhere in the database as it was printed', async () => {
    const token = await linkToken();
    expect(await rows.textOf('bootstrap_tokens')).not.toContain(token);
  });
});
