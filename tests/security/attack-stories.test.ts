import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { forgeTokens } from '#tests/support/forged-tokens.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, goodPassword, registeredPerson, signIn, signInWithCookie, tokenOf } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const login = (email: string, password: string) =>
  new TestClient(app).send(documents.login, { input: { email, password, delivery: 'TOKENS' } });
const refresh = (refreshToken: string) => new TestClient(app).send(documents.refreshSession, { input: { refreshToken } });
const forgetThrottles = () => rows.query('delete from sign_in_throttles');

describe('a stolen refresh token', () => {
  it('gives the same successor to fifty parallel uses, so that two tabs sign nobody out', async () => {
    const { refreshToken } = await signIn(app, await registeredPerson(app));
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(refreshToken)));
    const successors = new Set(answers.map(({ data }) => data.refreshSession.tokens.refreshToken));
    expect(successors.size).toBe(1);
  });

  it('ends the session when it is replayed after the grace, for both holders, and is told of', async () => {
    const person = await registeredPerson(app);
    const { refreshToken, accessToken, sessionId } = await signIn(app, person);
    const rotated = (await refresh(refreshToken)).data.refreshSession.tokens;
    app.clock.advance(11);
    expect((await refresh(refreshToken)).data.refreshSession).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect((await refresh(rotated.refreshToken)).data.refreshSession).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    expect((await new TestClient(app, { accessToken }).send(documents.viewer)).status).toBe(401);
    expect((await app.mailbox.waitFor(person.email, /session was ended|sessions was ended/)).text).toContain(
      'used a second time',
    );
    const other = await signIn(app, person);
    const seen = watch(other.client, { after: '0' });
    await expect.poll(() => seen.types(), { timeout: 5_000 }).toContain('refresh_token.reused');
    expect(seen.events.find(({ type }) => type === 'session.revoked')).toMatchObject({
      sessionId,
      data: { reason: 'refresh_token_reused' },
    });
    await seen.stop();
  });
});

describe('a revoked session', () => {
  it('loses its socket within a second, with 4401', async () => {
    const person = await registeredPerson(app);
    const victim = await signIn(app, person);
    const owner = await signIn(app, person);
    const seen = watch(victim.client, { after: '0' });
    await expect.poll(() => seen.events.length, { timeout: 5_000 }).toBeGreaterThan(0);
    await owner.client.send(documents.revokeSession, { input: { sessionId: victim.sessionId } });
    await expect.poll(() => seen.closed.map(({ code }) => code), { timeout: 1_000 }).toEqual([4401]);
  });

  it('loses it on another node too', async () => {
    // Nodes of one deployment have one public URL, whatever port each listens on.
    const second = await makeTestApp({ besides: app, env: { PUBLIC_URL: app.url } });
    try {
      const person = await registeredPerson(app);
      const { accessToken, sessionId } = await signIn(app, person);
      const seen = watch(new TestClient(second, { accessToken }), { after: '0' });
      await expect.poll(() => seen.events.length, { timeout: 5_000 }).toBeGreaterThan(0);
      const owner = await signIn(app, person);
      await owner.client.send(documents.revokeSession, { input: { sessionId } });
      await expect.poll(() => seen.closed.map(({ code }) => code), { timeout: 1_000 }).toEqual([4401]);
      expect((await new TestClient(second, { accessToken }).send(documents.viewer)).status).toBe(401);
    } finally {
      await second.close();
    }
  });
});

describe('another person', () => {
  it('cannot end or see a session, nor read any node: the answer is that of an unknown id', async () => {
    const victim = await signIn(app, await registeredPerson(app));
    const attacker = await signIn(app, await registeredPerson(app));
    const unknown = `ses_${'x'.repeat(22)}`;
    const [foreign, absent] = await Promise.all(
      [victim.sessionId, unknown].map((sessionId) => attacker.client.send(documents.revokeSession, { input: { sessionId } })),
    );
    expect(foreign?.text).toBe(absent?.text);
    const ids = await rows.query<{ id: string }>(
      'select id from users union all select id from email_addresses where user_id <> (select user_id from sessions where id = $1) union all select id from sessions where id = $2',
      [attacker.sessionId, victim.sessionId],
    );
    const own = (await attacker.client.send('{ viewer { user { id } } }')).data.viewer.user.id;
    for (const { id } of ids.filter((row) => row.id !== own)) {
      const { data } = await attacker.client.send('query($id: ID!) { node(id: $id) { id } }', { id });
      expect(data, id).toEqual({ node: null });
    }
    expect((await victim.client.send(documents.viewer)).status).toBe(200);
  });

  it('gets no event of mine', async () => {
    const me = await registeredPerson(app);
    const attacker = await signIn(app, await registeredPerson(app));
    const seen = watch(attacker.client, { after: '0', filter: { scope: 'SELF' } });
    const organisation = watch(attacker.client, { after: '0', filter: { scope: 'ORGANISATION' } });
    await signIn(app, me);
    await expect.poll(() => organisation.errors, { timeout: 5_000 }).toEqual(['FORBIDDEN']);
    await expect.poll(() => seen.types(), { timeout: 5_000 }).toContain('login.succeeded');
    expect(seen.events.every(({ subjectId }) => subjectId !== me.userId)).toBe(true);
    expect(organisation.events).toEqual([]);
    await Promise.all([seen.stop(), organisation.stop()]);
  });
});

describe('forged access tokens', () => {
  it('are refused by the API, every one', async () => {
    const { accessToken } = await signIn(app, await registeredPerson(app));
    const { keys } = (await (await fetch(`${app.url}/.well-known/jwks.json`)).json()) as { keys: Record<string, string>[] };
    const publicJwk = keys[0];
    if (!publicJwk) throw new Error('no key is published');
    const forged = forgeTokens({ goodToken: accessToken, publicJwk } as Parameters<typeof forgeTokens>[0]);
    expect(forged.length).toBeGreaterThanOrEqual(60);
    const accepted: string[] = [];
    for (const { name, token } of forged) {
      // What no header can carry the client refuses by itself.
      const answer = await new TestClient(app, { accessToken: token }).send(documents.viewer).catch(() => null);
      if (answer && answer.status !== 401 && answer.status !== 431 && answer.status !== 400)
        accepted.push(`${name} ${answer.text}`);
    }
    expect(accepted).toEqual([]);
    expect((await new TestClient(app, { accessToken }).send(documents.viewer)).status).toBe(200);
  });
});

describe('cross-site requests', () => {
  it.each([
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['a null origin', { origin: 'null' }],
    ['a foreign site without an origin', { origin: '', 'sec-fetch-site': 'cross-site' }],
  ])('with the cookie from %s change nothing', async (_name, headers) => {
    const { client } = await signInWithCookie(app, await registeredPerson(app));
    const { cookie = '' } = client;
    const { origin, ...rest } = headers as Record<string, string>;
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, ...(origin ? { origin } : {}), ...rest },
      body: JSON.stringify({ query: documents.logout }),
    });
    expect(answer.status).toBe(403);
    expect((await client.send(documents.viewer)).data.viewer).not.toBeNull();
  });

  it('by a form are refused', async () => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ query: documents.logout }),
    });
    expect(answer.status).toBe(415);
  });
});

describe('somebody who signs up with my address before me', () => {
  it('has planted no password when I confirm my own link', async () => {
    const email = `hijack-${Date.now()}@example.com`;
    const plant = 'planted by the attacker';
    await new TestClient(app).send(documents.register, { input: { email, password: plant, displayName: 'Mallory' } });
    await app.mailbox.waitFor(email, /confirm/i);
    await new TestClient(app).send(documents.register, { input: { email, password: goodPassword, displayName: 'Ada' } });
    await expect
      .poll(async () => (await app.mailbox.list()).filter(({ to }) => to === email).length, { timeout: 10_000 })
      .toBe(2);
    const [mine, theirs] = (await app.mailbox.list()).filter(({ to }) => to === email);
    if (!mine || !theirs) throw new Error('a mail is missing');
    const confirm = (token: string, password: string) =>
      new TestClient(app).send(documents.verifyEmail, { input: { token, password } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(tokenOf(mine), goodPassword)));
    expect(answers.filter(({ data }) => data.verifyEmail.__typename === 'VerifyEmailSuccess')).toHaveLength(1);
    expect((await confirm(tokenOf(theirs), plant)).data.verifyEmail).toMatchObject({ code: 'TOKEN_INVALID' });
    expect((await login(email, plant)).data.login).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect((await login(email, goodPassword)).data.login.__typename).toBe('LoginSuccess');
  });
});

describe('guessing passwords', () => {
  it('is slowed the same for an account that exists and for one that does not', async () => {
    await forgetThrottles();
    const { email } = await registeredPerson(app);
    const tell = async (address: string) => {
      const answers: unknown[] = [];
      for (let attempt = 0; attempt < 8; attempt += 1) answers.push((await login(address, `wrong guess ${attempt}`)).data.login);
      return answers;
    };
    const [existing, missing] = [await tell(email), await tell('nobody-at-all@example.com')];
    expect(existing).toEqual(missing);
    expect(existing.slice(6)).toEqual([
      expect.objectContaining({ code: 'RATE_LIMITED' }),
      expect.objectContaining({ code: 'RATE_LIMITED' }),
    ]);
  });

  it('a hundred times disables the password but ends no session, and a reset enables it again', async () => {
    await forgetThrottles();
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    await rows.query('update password_credentials set consecutive_failures = 99 where user_id = $1', [person.userId]);
    await login(person.email, 'the hundredth wrong guess');
    expect((await login(person.email, person.password)).data.login).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await app.mailbox.waitFor(person.email, /disabled/i);
    expect((await client.send(documents.viewer)).status).toBe(200);

    await new TestClient(app).send(documents.requestPasswordReset, { input: { email: person.email } });
    const token = tokenOf(await app.mailbox.waitFor(person.email, /set a new password/i));
    const newPassword = 'quite another five words';
    const reset = () => new TestClient(app).send(documents.resetPassword, { input: { token, newPassword } });
    const answers = await Promise.all(Array.from({ length: 20 }, reset));
    expect(answers.filter(({ data }) => data.resetPassword.__typename === 'ResetPasswordSuccess')).toHaveLength(1);
    expect((await client.send(documents.viewer)).status).toBe(401);
    expect((await login(person.email, newPassword)).data.login.__typename).toBe('LoginSuccess');
  });

  it('counts each of many parallel guesses', async () => {
    await forgetThrottles();
    const { email, userId } = await registeredPerson(app);
    const guesses = await Promise.all(Array.from({ length: 40 }, (_, index) => login(email, `parallel guess ${index}`)));
    const checked = guesses.filter(({ data }) => data.login.code === 'INVALID_CREDENTIALS').length;
    expect(checked).toBeLessThanOrEqual(6);
    const [row] = await rows.query<{ n: number }>(
      'select consecutive_failures as n from password_credentials where user_id = $1',
      [userId],
    );
    expect(row?.n).toBe(checked);
  });
});

describe('the link of the first administrator', () => {
  it('works for exactly one of twenty parallel claims, and never again', async () => {
    const link = await app.node.firstAdminLink();
    const token = link?.split('#token=')[1] ?? '';
    const claim = (index: number) =>
      new TestClient(app).send(documents.claimFirstAdmin, {
        input: { token, email: `owner-${index}@example.com`, password: goodPassword, displayName: 'Owner' },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => claim(index)));
    expect(answers.filter(({ data }) => data.claimFirstAdmin.__typename === 'ClaimFirstAdminSuccess')).toHaveLength(1);
    expect(await app.node.firstAdminLink()).toBeNull();
    expect((await claim(99)).data.claimFirstAdmin).toMatchObject({ code: 'TOKEN_INVALID' });
  });
});
