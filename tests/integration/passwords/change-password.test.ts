import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allMailTo, eventsAbout } from '#tests/support/background.ts';
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
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const changePassword =
  'mutation($input: ChangePasswordInput!) { changePassword(input: $input) { __typename ... on ChangePasswordSuccess { revokedSessionCount } ... on AppError { code message } ... on PasswordRejectedError { reasons minLength } ... on InvalidInputError { fields { path message } } } }';
const newPassword = 'a password for later on';

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

async function change(client: TestClient, input: { currentPassword: string; newPassword: string }) {
  const { data, text } = await client.send(changePassword, { input }, anotherNetwork());
  if (!data) throw new Error(text);
  return data.changePassword;
}

async function login(person: Person, password: string): Promise<string> {
  const { data } = await new TestClient(app).send(
    documents.login,
    { input: { email: person.email, password } },
    anotherNetwork(),
  );
  return data.login.code ?? data.login.__typename;
}

const viewerOf = async (client: TestClient) => (await client.send(documents.viewer)).data?.viewer?.user.id ?? null;

describe('changing the password', () => {
  it('takes the current one, ends the other sessions, keeps one’s own and tells the person', async () => {
    const person = await registeredPerson(app);
    const own = await signIn(app, person);
    const other = await signIn(app, person);
    const cookie = await signInWithCookie(app, person);
    const seen = watch(own.client, { after: '0' });

    expect(await change(own.client, { currentPassword: goodPassword, newPassword })).toEqual({
      __typename: 'ChangePasswordSuccess',
      revokedSessionCount: 2,
    });
    expect(await viewerOf(own.client)).toBe(person.userId);
    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: own.refreshToken } });
    expect(refreshed.data.refreshSession.__typename).toBe('RefreshSessionSuccess');
    expect(await viewerOf(other.client)).toBeNull();
    expect(await viewerOf(cookie.client)).toBeNull();
    expect(await login(person, goodPassword)).toBe('INVALID_CREDENTIALS');
    expect(await login(person, newPassword)).toBe('LoginSuccess');

    expect(await allMailTo(app, rows, person.email, /was changed/)).toHaveLength(1);
    await expect.poll(() => seen.types()).toContain('password.changed');
    const event = seen.events.find(({ type }) => type === 'password.changed');
    expect(event).toMatchObject({ subjectId: person.userId, actorId: person.userId, data: { revokedSessionCount: 2 } });
    expect(seen.types().filter((type) => type === 'session.revoked')).toHaveLength(2);
    await seen.stop();
  });

  it('does the same for whoever came by cookie', async () => {
    const person = await registeredPerson(app);
    const other = await signIn(app, person);
    const { client } = await signInWithCookie(app, person);
    expect(await change(client, { currentPassword: goodPassword, newPassword })).toMatchObject({ revokedSessionCount: 1 });
    expect(await viewerOf(client)).toBe(person.userId);
    expect(await viewerOf(other.client)).toBeNull();
  });

  it('refuses a wrong current password, which is recorded, and changes nothing', async () => {
    const person = await registeredPerson(app);
    const own = await signIn(app, person);
    const other = await signIn(app, person);
    for (const currentPassword of ['wrong donkey battery staple', '', `${goodPassword} `, goodPassword.toUpperCase(), 'x\0'])
      expect(await change(own.client, { currentPassword, newPassword }), currentPassword).toMatchObject({
        __typename: 'InvalidCredentialsError',
        code: 'INVALID_CREDENTIALS',
      });
    expect(await viewerOf(other.client)).toBe(person.userId);
    // The last of them can be nobody's password, so it was no guess.
    expect(await eventsAbout(rows, person.userId, 'password.rejected')).toHaveLength(4);
    expect(await eventsAbout(rows, person.userId, 'password.changed')).toEqual([]);
    expect(await allMailTo(app, rows, person.email, /was changed/)).toEqual([]);
    expect(await login(person, goodPassword)).toBe('LoginSuccess');
  });

  it.each([
    ['lamps x', ['TOO_SHORT']],
    ['fourteen chars', ['TOO_SHORT']],
    ['passwordpassword', ['COMMON']],
    ['Ada Lovelace 1815!', ['CONTAINS_PERSONAL_DATA']],
    ['abcd', ['TOO_SHORT', 'COMMON']],
    ['fine words '.repeat(94), ['TOO_LONG']],
    ['a good long pass\0word', ['NOT_TEXT']],
  ])('refuses %.24j with the reasons and the least length, and changes nothing', async (refused, reasons) => {
    const person = await registeredPerson(app);
    const own = await signIn(app, person);
    const other = await signIn(app, person);
    expect(await change(own.client, { currentPassword: goodPassword, newPassword: refused })).toEqual({
      __typename: 'PasswordRejectedError',
      code: 'PASSWORD_REJECTED',
      message: expect.any(String),
      reasons,
      minLength: 15,
    });
    expect(await viewerOf(other.client)).toBe(person.userId);
    expect(await allMailTo(app, rows, person.email, /was changed/)).toEqual([]);
    // The right current password was no failure.
    const failures = await rows.query('select consecutive_failures as n from password_credentials where user_id = $1', [
      person.userId,
    ]);
    expect(failures).toEqual([{ n: 0 }]);
    expect(await login(person, goodPassword)).toBe('LoginSuccess');
  });

  it('asks for as many characters as the organisation does, and says how many', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    await rows.query('update organisations set password_min_length = 30');
    try {
      expect(await change(client, { currentPassword: goodPassword, newPassword })).toMatchObject({
        reasons: ['TOO_SHORT'],
        minLength: 30,
      });
    } finally {
      await rows.query('update organisations set password_min_length = 15');
    }
  });

  it('takes every character as it is, in whichever form the keyboard composes it', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    const composed = 'caf\u00e9 \u{1f434} \u65e5\u672c\u8a9e \u00fcber alles ';
    expect(await change(client, { currentPassword: goodPassword, newPassword: composed })).toMatchObject({
      __typename: 'ChangePasswordSuccess',
    });
    expect(await login(person, composed.normalize('NFD'))).toBe('LoginSuccess');
    expect(await login(person, composed.trim())).toBe('INVALID_CREDENTIALS');
  });

  it('never takes the password of somebody else, nor one of a sign-up with the same address', async () => {
    const [person, other] = [await registeredPerson(app), await registeredPerson(app)];
    const theirs = await signIn(app, other);
    await change(theirs.client, { currentPassword: goodPassword, newPassword });
    const { client } = await signIn(app, person);
    expect(await change(client, { currentPassword: newPassword, newPassword: 'yet another long one' })).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
    const planted = 'planted by an attacker';
    await new TestClient(app).send(
      documents.register,
      { input: { email: person.email, password: planted, displayName: 'Mallory' } },
      anotherNetwork(),
    );
    expect(await change(client, { currentPassword: planted, newPassword: 'yet another long one' })).toMatchObject({
      code: 'INVALID_CREDENTIALS',
    });
    expect(await login(person, goodPassword)).toBe('LoginSuccess');
  });

  it('wins once when two change it at the same time from two sessions, and one session is left', async () => {
    const person = await registeredPerson(app);
    const sessions = await Promise.all([signIn(app, person), signIn(app, person)]);
    const passwords = ['the first of two passwords', 'the second of two passwords'];
    const answers = await Promise.all(
      sessions.map(({ client }, index) =>
        client.send(
          changePassword,
          { input: { currentPassword: goodPassword, newPassword: passwords[index] } },
          anotherNetwork(),
        ),
      ),
    );
    const outcomesOfChange = answers.map(
      ({ data, errors }) => data?.changePassword.__typename ?? errors?.[0]?.extensions['code'],
    );
    expect(outcomesOfChange.filter((outcome) => outcome === 'ChangePasswordSuccess')).toHaveLength(1);
    // Who comes a little later finds their session ended already.
    expect(['InvalidCredentialsError', 'ACCESS_TOKEN_INVALID']).toContain(
      outcomesOfChange.find((outcome) => outcome !== 'ChangePasswordSuccess'),
    );
    const viewers = await Promise.all(sessions.map(({ client }) => viewerOf(client)));
    expect(viewers.filter((id) => id === person.userId)).toHaveLength(1);
    const outcomes = await Promise.all(passwords.map((password) => login(person, password)));
    expect(outcomes.toSorted()).toEqual(['INVALID_CREDENTIALS', 'LoginSuccess']);
    expect(await login(person, goodPassword)).toBe('INVALID_CREDENTIALS');
  });
});

describe('a password that nobody changes', () => {
  it('is good for as long as it is kept', async () => {
    const person = await registeredPerson(app);
    app.clock.advance(10 * 365 * 86_400);
    await app.node.maintain();
    expect(await login(person, goodPassword)).toBe('LoginSuccess');
  });
});

describe('without being signed in', () => {
  const input = { currentPassword: goodPassword, newPassword };

  it('is refused as UnauthenticatedError, before any password is looked at', async () => {
    expect(await change(new TestClient(app), input)).toMatchObject({
      __typename: 'UnauthenticatedError',
      code: 'UNAUTHENTICATED',
    });
  });

  it('is refused after signing out, and with a session that was revoked', async () => {
    const person = await registeredPerson(app);
    const { client } = await signInWithCookie(app, person);
    const { cookie } = client;
    await client.send(documents.logout);
    expect(await change(client, input)).toMatchObject({ __typename: 'UnauthenticatedError' });
    client.cookie = cookie;
    const again = await client.send(changePassword, { input }, anotherNetwork());
    expect(again.data?.changePassword?.__typename ?? 'UnauthenticatedError').toBe('UnauthenticatedError');
    expect(await login(person, goodPassword)).toBe('LoginSuccess');
  });
});
