import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allMailTo, eventsAbout } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
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

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock(), env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});
beforeEach(() => rows.query('delete from sign_in_throttles'));

const newPassword = 'a password for later on';

function request(email: string) {
  return new TestClient(app).send(documents.requestPasswordReset, { input: { email } }, anotherNetwork());
}

async function reset(token: string, password = newPassword, headers: Readonly<Record<string, string>> = anotherNetwork()) {
  const { data, text } = await new TestClient(app).send(
    documents.resetPassword,
    { input: { token, newPassword: password } },
    headers,
  );
  if (!data) throw new Error(text);
  return data.resetPassword;
}

async function login(email: string, password: string): Promise<string> {
  const { data } = await new TestClient(app).send(documents.login, { input: { email, password } }, anotherNetwork());
  return data.login.code ?? data.login.__typename;
}

/** The tokens of all links that the person was mailed, once nothing is under way. */
async function linksOf(person: Person): Promise<string[]> {
  return (await allMailTo(app, rows, person.email, /set a new password/i)).map(tokenOf);
}

/** Asks for a link and gives its token. */
async function freshLink(person: Person): Promise<string> {
  const before = new Set(await linksOf(person));
  await request(person.email);
  const token = (await linksOf(person)).find((candidate) => !before.has(candidate));
  if (!token) throw new Error('no link came');
  return token;
}

const invalid = { __typename: 'TokenInvalidError', code: 'TOKEN_INVALID' };

describe('a link to set a new password', () => {
  it('sets it, ends every session and tells the person', async () => {
    const person = await registeredPerson(app);
    const tokens = await signIn(app, person);
    const cookie = await signInWithCookie(app, person);
    expect(await reset(await freshLink(person))).toEqual({ __typename: 'ResetPasswordSuccess', revokedSessionCount: 2 });

    expect(await login(person.email, goodPassword)).toBe('INVALID_CREDENTIALS');
    expect(await login(person.email, newPassword)).toBe('LoginSuccess');
    expect((await tokens.client.send(documents.viewer)).errors?.[0]?.extensions['code']).toBe('ACCESS_TOKEN_INVALID');
    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: tokens.refreshToken } });
    expect(refreshed.data.refreshSession).toMatchObject({ __typename: 'RefreshTokenInvalidError' });
    expect((await cookie.client.send(documents.viewer)).data?.viewer ?? null).toBeNull();

    for (const type of ['password.reset_requested', 'password.reset'])
      expect(await eventsAbout(rows, person.userId, type)).toHaveLength(1);
    expect(await eventsAbout(rows, person.userId, 'session.revoked')).toHaveLength(2);
    const [mail, ...more] = await allMailTo(app, rows, person.email, /was changed/);
    expect(more).toEqual([]);
    expect(mail?.text).not.toMatch(/token|Ada|Lovelace/);
  });

  it('works once, of 20 parallel uses with as many passwords exactly one', async () => {
    const person = await registeredPerson(app);
    const token = await freshLink(person);
    const passwords = Array.from({ length: 20 }, (_, index) => `a password for later on, number ${index}`);
    const results = await Promise.all(passwords.map((password) => reset(token, password)));
    const won = passwords.filter((_, index) => results[index].__typename === 'ResetPasswordSuccess');
    expect(won).toHaveLength(1);
    expect(results.filter((result) => result.code === 'TOKEN_INVALID')).toHaveLength(19);
    expect(await eventsAbout(rows, person.userId, 'password.reset')).toHaveLength(1);
    expect(await login(person.email, won[0] ?? '')).toBe('LoginSuccess');
    expect(await reset(token)).toEqual(invalid);
  });

  it('is void once a newer one is sent', async () => {
    const person = await registeredPerson(app);
    const older = await freshLink(person);
    const newer = await freshLink(person);
    expect(await reset(older)).toEqual(invalid);
    expect(await reset(newer)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('is void once the password was changed by who knows it', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    const token = await freshLink(person);
    const input = { currentPassword: goodPassword, newPassword };
    expect((await client.send(documents.changePassword, { input })).data.changePassword.__typename).toBe('ChangePasswordSuccess');
    expect(await reset(token, 'the choice of an attacker')).toEqual(invalid);
    expect(await login(person.email, newPassword)).toBe('LoginSuccess');
  });

  it('is good for an hour', async () => {
    const [early, late] = [await registeredPerson(app), await registeredPerson(app)];
    const [earlyLink, lateLink] = [await freshLink(early), await freshLink(late)];
    app.clock.advance(3_599.999);
    expect(await reset(earlyLink)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
    app.clock.advance(0.001);
    expect(await reset(lateLink)).toEqual(invalid);
    expect(await login(late.email, late.password)).toBe('LoginSuccess');
  });

  it('stays good when the policy refuses the password, and nothing has changed', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    const token = await freshLink(person);
    for (const [refused, reason] of [
      ['short', 'TOO_SHORT'],
      ['passwordpassword', 'COMMON'],
      ['Ada Lovelace 1815!', 'CONTAINS_PERSONAL_DATA'],
      ['x'.repeat(1_025), 'TOO_LONG'],
    ] as const) {
      const { __typename, reasons } = await reset(token, refused);
      expect(__typename).toBe('PasswordRejectedError');
      expect(reasons).toContain(reason);
    }
    expect((await client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
    expect(await login(person.email, goodPassword)).toBe('LoginSuccess');
    expect(await reset(token)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('lifts the waiting that somebody else’s guesses brought upon the account', async () => {
    const person = await registeredPerson(app);
    for (let guess = 0; guess < 6; guess += 1) await login(person.email, 'wrong donkey battery staple');
    expect(await login(person.email, goodPassword)).toBe('RATE_LIMITED');
    await reset(await freshLink(person));
    expect(await login(person.email, newPassword)).toBe('LoginSuccess');
  });

  it('leaves no session to a sign-in, and no password to a change, that was under way with the old one', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    const token = await freshLink(person);
    // Both wait where they have found the old password right and have not acted upon it yet.
    await rows.query('select pg_advisory_lock(4711)');
    await rows.query(`create function wait_at_gate() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(4711); return new; end $$`);
    await rows.query(`create trigger gate before update on sign_in_throttles for each row
      when (new.kind = 'login-network' and new.failures < old.failures) execute function wait_at_gate()`);
    const old = { currentPassword: goodPassword, newPassword: 'the choice of an attacker' };
    const attacks = [
      new TestClient(app).send(documents.login, { input: { email: person.email, password: goodPassword } }, anotherNetwork()),
      client.send(documents.changePassword, { input: old }, anotherNetwork()),
    ];
    try {
      await expect
        .poll(async () => (await rows.query("select 1 from pg_locks where locktype = 'advisory' and not granted")).length)
        .toBe(2);
      app.clock.advance(1);
      expect(await reset(token)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
    } finally {
      await rows.query('select pg_advisory_unlock(4711)');
    }
    const [signedIn, changed] = await Promise.all(attacks);
    await rows.query('drop function wait_at_gate cascade');
    expect(signedIn?.data.login.__typename).toBe('InvalidCredentialsError');
    expect(changed?.data.changePassword.__typename).toBe('InvalidCredentialsError');
    expect(await rows.query('select 1 from sessions where user_id = $1 and revoked_at is null', [person.userId])).toEqual([]);
    expect(await login(person.email, newPassword)).toBe('LoginSuccess');
  });

  it('stands nowhere in the database as it was mailed', async () => {
    const person = await registeredPerson(app);
    const token = await freshLink(person);
    for (const table of ['password_resets', 'event_log', 'event_outbox']) expect(await rows.textOf(table)).not.toContain(token);
  });

  it('can not be guessed: a network that tries many is slowed, and the true one still works elsewhere', async () => {
    const person = await registeredPerson(app);
    const token = await freshLink(person);
    const network = anotherNetwork();
    const forge = () =>
      token.slice(0, 10) +
      crypto
        .randomUUID()
        .replaceAll('-', '')
        .slice(0, token.length - 10)
        .padEnd(token.length - 10, 'A');
    const codes = new Set<string>();
    for (let guess = 0; guess < 53; guess += 1) codes.add((await reset(forge(), newPassword, network)).code);
    expect(codes).toEqual(new Set(['TOKEN_INVALID', 'RATE_LIMITED']));
    expect((await reset(token, newPassword, network)).code).toBe('RATE_LIMITED');
    expect(await reset(token)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('of a sign-up is none to set a password with, and the other way round', async () => {
    const email = 'confirm-or-reset@example.com';
    await new TestClient(app).send(
      documents.register,
      { input: { email, password: goodPassword, displayName: 'Ada Lovelace' } },
      anotherNetwork(),
    );
    const confirmation = tokenOf(await app.mailbox.waitFor(email, /confirm/i));
    expect(await reset(confirmation)).toEqual(invalid);
    const person = await registeredPerson(app);
    const { data } = await new TestClient(app).send(
      documents.verifyEmail,
      { input: { token: await freshLink(person), password: goodPassword } },
      anotherNetwork(),
    );
    expect(data.verifyEmail).toEqual(invalid);
  });

  it('opens nothing for somebody who was suspended after it was sent', async () => {
    const person = await registeredPerson(app);
    const token = await freshLink(person);
    await rows.query("update users set status = 'suspended' where id = $1", [person.userId]);
    await reset(token);
    expect(await login(person.email, newPassword)).toBe('INVALID_CREDENTIALS');
    expect(await login(person.email, goodPassword)).toBe('INVALID_CREDENTIALS');
  });
});

describe('asking for a link', () => {
  it('sends nothing and leaves nothing for an address without an account', async () => {
    const email = 'nobody-here@example.com';
    const mailsBefore = (await app.mailbox.list()).length;
    const [before] = await rows.query('select count(*)::int from password_resets');
    const { data } = await request(email);
    expect(data.requestPasswordReset).toEqual({ __typename: 'RequestPasswordResetSuccess', email });
    expect(await allMailTo(app, rows, email)).toEqual([]);
    expect((await app.mailbox.list()).length).toBe(mailsBefore);
    expect(await rows.query('select count(*)::int from password_resets')).toEqual([before]);
  });

  it('sends nothing for an address that waits for its confirmation', async () => {
    const email = 'still-unconfirmed@example.com';
    await new TestClient(app).send(
      documents.register,
      { input: { email, password: goodPassword, displayName: 'Ada Lovelace' } },
      anotherNetwork(),
    );
    await request(email);
    expect(await allMailTo(app, rows, email, /set a new password/i)).toEqual([]);
  });

  it('sends nothing to somebody who is suspended', async () => {
    const person = await registeredPerson(app);
    await rows.query("update users set status = 'suspended' where id = $1", [person.userId]);
    expect((await request(person.email)).data.requestPasswordReset.__typename).toBe('RequestPasswordResetSuccess');
    expect(await linksOf(person)).toEqual([]);
    expect(await eventsAbout(rows, person.userId, 'password.reset_requested')).toEqual([]);
  });

  it('can not flood a mailbox, from however many networks and however the address is written', async () => {
    const person = await registeredPerson(app);
    await rows.query('delete from sign_in_throttles');
    const spellings = [person.email, person.email.toUpperCase(), person.email.replace('@', '\uff20'), ` ${person.email} `];
    await Promise.all(Array.from({ length: 40 }, (_, index) => request(spellings[index % spellings.length] ?? '')));
    expect(await linksOf(person)).toHaveLength(6);
    app.clock.advance(59);
    await request(person.email);
    expect(await linksOf(person)).toHaveLength(6);
    app.clock.advance(1);
    await request(person.email);
    expect(await linksOf(person)).toHaveLength(7);
  });

  it('is not kept from somebody by a stranger who signs up with their address', async () => {
    const person = await registeredPerson(app);
    for (let round = 0; round < 12; round += 1)
      await new TestClient(app).send(
        documents.register,
        { input: { email: person.email, password: 'planted by an attacker', displayName: 'Mallory' } },
        anotherNetwork(),
      );
    expect(await reset(await freshLink(person))).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('always leaves a good link in the mailbox, and four an hour at most, however long a stranger asks for them', async () => {
    const person = await registeredPerson(app);
    for (let round = 0; round < 12; round += 1) await request(person.email);
    let last = '';
    // Until the waits are as long as they get, and an hour on.
    for (const minutes of [1, 2, 4, 8, 15, 15, 15, 15, 15]) {
      app.clock.advance(minutes * 60 - 1);
      await request(person.email);
      const before = await linksOf(person);
      app.clock.advance(1);
      await request(person.email);
      const after = await linksOf(person);
      expect(after).toHaveLength(before.length + 1);
      last = after.find((link) => !before.includes(link)) ?? '';
    }
    expect(await linksOf(person)).toHaveLength(6 + 9);
    app.clock.advance(899);
    expect(await reset(last)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('leaves the last link good when it sends no other', async () => {
    const person = await registeredPerson(app);
    await rows.query('delete from sign_in_throttles');
    for (let round = 0; round < 5; round += 1) await freshLink(person);
    const last = await freshLink(person);
    for (let round = 0; round < 5; round += 1) await request(person.email);
    expect(await linksOf(person)).toHaveLength(6);
    expect(await reset(last)).toMatchObject({ __typename: 'ResetPasswordSuccess' });
  });

  it('is slowed for a network that asks for many addresses', async () => {
    const network = anotherNetwork();
    const codes: (string | undefined)[] = [];
    for (let round = 0; round < 33; round += 1) {
      const input = { email: `nobody-${round}@example.com` };
      const { data } = await new TestClient(app).send(documents.requestPasswordReset, { input }, network);
      codes.push(data.requestPasswordReset.code);
    }
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(2);
  });

  it('changes nothing: the password and the sessions go on', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    await freshLink(person);
    expect((await client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
    expect(await login(person.email, goodPassword)).toBe('LoginSuccess');
  });

  it('says what is wrong with an address that can be none', async () => {
    const { data } = await request('no-at-sign');
    expect(data.requestPasswordReset).toMatchObject({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' });
  });
});
