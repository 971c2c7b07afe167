import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, goodPassword, type Person, registeredPerson, signIn, tokenOf } from '#tests/support/stories.ts';

// Two connections: whoever holds one and asks for another soon finds none.
const env = { TRUST_PROXY: 'loopback', DATABASE_POOL_MAX: '2', DATABASE_CONNECT_TIMEOUT_MS: '3000' };

let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env });
  person = await registeredPerson(app);
});
afterAll(() => app.close());

const defects = () => app.logs.filter(({ level }) => level === 'error').map(({ fields }) => String(fields['error']));
const login = (email: string, password = goodPassword) =>
  new TestClient(app).send(documents.login, { input: { email, password } });

describe('many at once on few connections', () => {
  it('signs one person in 24 times at once: no two wait for each other', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, () => login(person.email)));
    const outcomes = answers.map(({ data, errors }) => data?.login?.__typename ?? errors?.[0]?.extensions['code']);
    // Beyond the free attempts some are told to wait; none fails.
    expect(outcomes.filter((outcome) => outcome !== 'LoginSuccess' && outcome !== 'RateLimitedError')).toEqual([]);
    expect(outcomes).toContain('LoginSuccess');
    expect(defects()).toEqual([]);
  });

  it('signs many in at the moment at which the signing keys have to be read again', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => registeredPerson(app)));
    for (let round = 0; round < 3; round += 1) {
      app.clock.advance(31);
      const answers = await Promise.all(people.map(({ email }) => login(email)));
      expect(answers.map(({ data, text }) => data?.login?.__typename ?? text)).toEqual(answers.map(() => 'LoginSuccess'));
    }
    expect(defects()).toEqual([]);
  });

  it('sets a password by one link while the account is guessed at: neither fails', async () => {
    const target = await registeredPerson(app);
    await new TestClient(app).send(documents.requestPasswordReset, { input: { email: target.email } });
    const token = tokenOf(await app.mailbox.waitFor(target.email, /new password/i));
    const [reset, ...guesses] = await Promise.all([
      new TestClient(app).send(documents.resetPassword, { input: { token, newPassword: 'another long enough passphrase' } }),
      ...Array.from({ length: 12 }, () => login(target.email, 'a wrong guess at it')),
    ]);
    expect(reset.data.resetPassword.__typename).toBe('ResetPasswordSuccess');
    for (const { status } of guesses) expect(status).toBe(200);
    expect(defects()).toEqual([]);
  });

  it('refreshes, reads and revokes one session at once: every answer is typed', async () => {
    const { client, refreshToken, sessionId } = await signIn(app, await registeredPerson(app));
    const anonymous = new TestClient(app);
    const answers = await Promise.all([
      ...Array.from({ length: 8 }, () => anonymous.send(documents.refreshSession, { input: { refreshToken } })),
      ...Array.from({ length: 8 }, () => client.send(documents.viewer)),
      client.send(documents.revokeSession, { input: { sessionId } }),
      client.send(documents.revokeOtherSessions),
      client.send(documents.logout),
    ]);
    expect(answers.filter(({ status }) => status >= 500).map(({ text }) => text)).toEqual([]);
    expect((await client.send(documents.viewer)).status).toBe(401);
    expect(defects()).toEqual([]);
  });
});
