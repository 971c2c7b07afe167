import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { visiblePart } from '#tests/support/answers.ts';
import { allMailTo, eventsAbout } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
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

const wrongPassword = 'wrong donkey battery staple';

type Headers = Readonly<Record<string, string>>;

function attempt(email: string, password = wrongPassword, headers: Headers = anotherNetwork(), at: TestApp = app) {
  return new TestClient(at).send(documents.login, { input: { email, password } }, headers);
}

/** What came of it: a code, with the wait behind it where there is one. */
function outcome({ data, text }: GraphqlAnswer<{ login: Record<string, unknown> }>): string {
  const login = data?.login;
  if (!login) throw new Error(text);
  const { code = login['__typename'], retryAfterSeconds } = login;
  return retryAfterSeconds === undefined ? String(code) : `${code} ${retryAfterSeconds}`;
}

async function credentialOf(person: Person) {
  const [row] = await rows.query<{ failures: number; disabled: boolean }>(
    'select consecutive_failures as failures, disabled_at is not null as disabled from password_credentials where user_id = $1',
    [person.userId],
  );
  return row;
}

const presetFailures = (person: Person, failures: number) =>
  rows.query('update password_credentials set consecutive_failures = $2 where user_id = $1', [person.userId, failures]);

async function countedFor(kind: string): Promise<number[]> {
  const found = await rows.query<{ failures: number }>(
    'select failures from sign_in_throttles where kind = $1 order by failures desc',
    [kind],
  );
  return found.map(({ failures }) => failures);
}

function tally(outcomes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of outcomes) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

const freeAddress = () => `nobody-${crypto.randomUUID()}@example.com`;

describe('guessing at one account', () => {
  it('is slowed after five failures, each wait twice as long as the one before, up to a quarter of an hour', async () => {
    const person = await registeredPerson(app);
    for (let failure = 0; failure < 6; failure += 1) expect(outcome(await attempt(person.email))).toBe('INVALID_CREDENTIALS');
    for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]) {
      expect(outcome(await attempt(person.email))).toBe(`RATE_LIMITED ${wait}`);
      app.clock.advance(wait - 0.001);
      // Also with the right password: else whoever guesses it would see.
      expect(outcome(await attempt(person.email, person.password))).toBe('RATE_LIMITED 1');
      app.clock.advance(0.001);
      expect(outcome(await attempt(person.email))).toBe('INVALID_CREDENTIALS');
    }
    // What had to wait was not checked, so it was not counted.
    expect(await credentialOf(person)).toEqual({ failures: 18, disabled: false });
    app.clock.advance(900);
    expect(outcome(await attempt(person.email, person.password))).toBe('LoginSuccess');
  });

  it('goes the same way, byte for byte, where there is no such account', async () => {
    const person = await registeredPerson(app);
    const nobody = freeAddress();
    const network = anotherNetwork();
    for (let round = 0; round < 12; round += 1) {
      const [existing, missing] = [
        await attempt(person.email, wrongPassword, network),
        await attempt(nobody, wrongPassword, network),
      ];
      expect(visiblePart(missing)).toEqual(visiblePart(existing));
      if (outcome(existing) !== 'INVALID_CREDENTIALS') app.clock.advance(round);
    }
    const accounts = await countedFor('login-account');
    expect(accounts).toHaveLength(2);
    expect(accounts[0]).toBe(accounts[1]);
    expect(accounts[0]).toBeGreaterThan(6);
  });

  it('tells of the slowing once, in the events of the account', async () => {
    const person = await registeredPerson(app);
    for (let failure = 0; failure < 9; failure += 1) await attempt(person.email);
    expect(await eventsAbout(rows, person.userId, 'login.throttled')).toHaveLength(1);
    expect(await eventsAbout(rows, person.userId, 'password.rejected')).toHaveLength(6);
  });

  it('begins anew after a right password', async () => {
    const person = await registeredPerson(app);
    for (let round = 0; round < 3; round += 1) {
      for (let failure = 0; failure < 5; failure += 1) expect(outcome(await attempt(person.email))).toBe('INVALID_CREDENTIALS');
      expect(await credentialOf(person)).toEqual({ failures: 5, disabled: false });
      expect(outcome(await attempt(person.email, person.password))).toBe('LoginSuccess');
      expect(await credentialOf(person)).toEqual({ failures: 0, disabled: false });
      expect(await countedFor('login-account')).toEqual([]);
    }
  });

  it('counts each of 100 parallel requests that was checked, and checks no more than the limit', async () => {
    const person = await registeredPerson(app);
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt(person.email)));
    expect(tally(answers.map(outcome))).toEqual({ INVALID_CREDENTIALS: 6, 'RATE_LIMITED 1': 94 });
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
    expect(await countedFor('login-account')).toEqual([6]);
  });

  it('counts each alias of one document', async () => {
    const person = await registeredPerson(app);
    const { data } = await aliased(Array.from({ length: 20 }, () => person.email));
    expect(tally(Object.values(data ?? {}).map((login) => login.code))).toEqual({ INVALID_CREDENTIALS: 6, RATE_LIMITED: 14 });
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
  });

  it('answers a right password among wrong aliases no later than the limit allows', async () => {
    const person = await registeredPerson(app);
    const guesses = [...Array.from({ length: 19 }, () => wrongPassword), person.password];
    const { data } = await aliased(
      guesses.map(() => person.email),
      anotherNetwork(),
      guesses,
    );
    expect(tally(Object.values(data ?? {}).map((login) => login.__typename))).toEqual({
      InvalidCredentialsError: 6,
      RateLimitedError: 14,
    });
  });

  it('refuses a document with more aliases than allowed as a whole, and counts nothing', async () => {
    const answer = await aliased(Array.from({ length: 40 }, freeAddress));
    expect(answer.data).toBeFalsy();
    expect(await countedFor('login-network')).toEqual([]);
    expect(await countedFor('login-account')).toEqual([]);
  });

  it('meets one counter however the address is written', async () => {
    const person = await registeredPerson(app, 'Jos\u00e9@xn--bcher-kva.example');
    const spellings = [
      'jos\u00e9@b\u00fccher.example',
      'JOSE\u0301@B\u00dcCHER.EXAMPLE',
      ' jos\u00e9@xn--bcher-kva.example ',
      '\uff2aos\u00e9\uff20bu\u0308cher\uff0eexample',
      'JOS\u00c9@b\u00fccher\u3002example',
      'jose\u0301@XN--BCHER-KVA.example',
    ];
    for (const spelling of spellings) expect(outcome(await attempt(spelling)), spelling).toBe('INVALID_CREDENTIALS');
    for (const spelling of spellings) expect(outcome(await attempt(spelling)), spelling).toBe('RATE_LIMITED 1');
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
    expect(await countedFor('login-account')).toEqual([6]);
  });

  it('is not made free by signing up with the address of the account', async () => {
    const person = await registeredPerson(app);
    const mine = 'the password of an attacker';
    const signUp = { email: person.email, password: mine, displayName: 'Mallory' };
    await new TestClient(app).send(documents.register, { input: signUp }, anotherNetwork());
    const outcomes: string[] = [];
    for (let round = 0; round < 10; round += 1) outcomes.push(outcome(await attempt(person.email, mine)));
    expect(tally(outcomes)).toEqual({ LoginChallenge: 6, 'RATE_LIMITED 1': 4 });
    expect(outcome(await attempt(person.email))).toBe('RATE_LIMITED 1');
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
  });
});

describe('guessing from one network', () => {
  it('is slowed after a hundred failures, whichever accounts they were at, and only there', async () => {
    const person = await registeredPerson(app);
    const network = anotherNetwork();
    for (let round = 0; round < 101; round += 1)
      expect(outcome(await attempt(freeAddress(), wrongPassword, network))).toBe('INVALID_CREDENTIALS');
    for (const wait of [1, 2, 4]) {
      expect(outcome(await attempt(freeAddress(), wrongPassword, network))).toBe(`RATE_LIMITED ${wait}`);
      expect(outcome(await attempt(person.email, person.password, network))).toBe(`RATE_LIMITED ${wait}`);
      app.clock.advance(wait);
      expect(outcome(await attempt(freeAddress(), wrongPassword, network))).toBe('INVALID_CREDENTIALS');
    }
    expect(outcome(await attempt(person.email, person.password))).toBe('LoginSuccess');
  });

  it('counts each of 100 parallel requests', async () => {
    const network = anotherNetwork();
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt(freeAddress(), wrongPassword, network)));
    expect(tally(answers.map(outcome))).toEqual({ INVALID_CREDENTIALS: 100 });
    expect(await countedFor('login-network')).toEqual([100]);
    expect(await countedFor('login-account')).toEqual(Array.from({ length: 100 }, () => 1));
  });

  it('counts each of 100 aliases in parallel documents', async () => {
    const network = anotherNetwork();
    const documentsOf20 = Array.from({ length: 5 }, () => aliased(Array.from({ length: 20 }, freeAddress), network));
    for (const { data } of await Promise.all(documentsOf20)) expect(Object.keys(data ?? {})).toHaveLength(20);
    expect(await countedFor('login-network')).toEqual([100]);
  });

  it('is not washed away by signing in to an account of one’s own', async () => {
    const mine = await registeredPerson(app);
    const network = anotherNetwork();
    for (let round = 0; round < 10; round += 1) {
      await attempt(freeAddress(), wrongPassword, network);
      expect(outcome(await attempt(mine.email, mine.password, network))).toBe('LoginSuccess');
    }
    expect(await countedFor('login-network')).toEqual([10]);
  });

  it('is counted on the address that the trusted proxy saw, not on those that the client claims', async () => {
    for (let round = 0; round < 12; round += 1) {
      const claimed = `198.51.100.${round}`;
      const headers = {
        'x-forwarded-for': `${claimed}, 127.0.0.1, 203.0.113.9`,
        forwarded: `for=${claimed}`,
        'x-real-ip': claimed,
        'true-client-ip': claimed,
        'cf-connecting-ip': claimed,
      };
      await attempt(freeAddress(), wrongPassword, headers);
    }
    expect(await countedFor('login-network')).toEqual([12]);
  });

  it('takes the /64 of an IPv6 address, and an IPv4 address in IPv6 clothes, for one network', async () => {
    for (let round = 1; round <= 9; round += 1)
      await attempt(freeAddress(), wrongPassword, { 'x-forwarded-for': `2001:db8:1:2:${round}:${round}::${round}` });
    await attempt(freeAddress(), wrongPassword, { 'x-forwarded-for': '192.0.2.77' });
    await attempt(freeAddress(), wrongPassword, { 'x-forwarded-for': '::ffff:192.0.2.77' });
    expect(await countedFor('login-network')).toEqual([9, 2]);
  });

  it('is counted on the connection where no proxy is trusted, whatever X-Forwarded-For says', async () => {
    const direct = await makeTestApp({ besides: app });
    try {
      const spoofed = Array.from({ length: 101 }, () => attempt(freeAddress(), wrongPassword, anotherNetwork(), direct));
      await Promise.all(spoofed);
      expect(await countedFor('login-network')).toEqual([101]);
      expect(outcome(await attempt(freeAddress(), wrongPassword, anotherNetwork(), direct))).toBe('RATE_LIMITED 1');
    } finally {
      await direct.close();
    }
  });
});

describe('a stranger who goes on guessing', () => {
  /** Guesses from ever other networks, as soon as each wait is over, until the waits are as long as they get. */
  async function besiege(...emails: string[]) {
    for (const email of emails) for (let guess = 0; guess < 6; guess += 1) await attempt(email);
    for (const wait of [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]) {
      app.clock.advance(wait);
      for (const email of emails) await attempt(email);
    }
    for (const email of emails) expect(outcome(await attempt(email))).toBe('RATE_LIMITED 900');
  }

  it('keeps nobody out from where they have signed in before, and gets no further guess by that', async () => {
    const person = await registeredPerson(app);
    const home = anotherNetwork();
    expect(outcome(await attempt(person.email, person.password, home))).toBe('LoginSuccess');
    await besiege(person.email);
    expect(outcome(await attempt(person.email, person.password, home))).toBe('LoginSuccess');
    // Somebody else there is slowed as everywhere, and slows nobody elsewhere.
    for (let guess = 0; guess < 6; guess += 1)
      expect(outcome(await attempt(person.email, wrongPassword, home))).toBe('INVALID_CREDENTIALS');
    expect(outcome(await attempt(person.email, wrongPassword, home))).toBe('RATE_LIMITED 1');
    // What the owner did at home did not free the stranger elsewhere.
    expect(outcome(await attempt(person.email, wrongPassword))).toBe('RATE_LIMITED 900');
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
  });

  it('keeps nobody out of where they have set a new password, at once', async () => {
    const person = await registeredPerson(app);
    const [old, here] = [anotherNetwork(), anotherNetwork()];
    await attempt(person.email, person.password, old);
    await besiege(person.email);
    const newPassword = 'nobody guesses this one';
    await new TestClient(app).send(documents.requestPasswordReset, { input: { email: person.email } }, here);
    const token = tokenOf(await app.mailbox.waitFor(person.email, /set a new password/i));
    await new TestClient(app).send(documents.resetPassword, { input: { token, newPassword } }, here);
    await besiege(person.email);
    expect(outcome(await attempt(person.email, newPassword, here))).toBe('LoginSuccess');
    // Who was let in by the old password is a stranger now.
    expect(outcome(await attempt(person.email, newPassword, old))).toBe('RATE_LIMITED 900');
  });

  it('is told nothing by a network where somebody else signed in, nor by one that was too long ago', async () => {
    const [person, other] = [await registeredPerson(app), await registeredPerson(app)];
    const [home, elsewhere] = [anotherNetwork(), anotherNetwork()];
    await attempt(person.email, person.password, home);
    await attempt(other.email, other.password, elsewhere);
    app.clock.advance(90 * 86_400);
    const nobody = freeAddress();
    await besiege(person.email, nobody);
    for (const network of [home, elsewhere]) {
      const seen = visiblePart(await attempt(person.email, person.password, network));
      expect(seen).toEqual(visiblePart(await attempt(nobody, person.password, network)));
      expect(seen.text).toContain('RATE_LIMITED');
    }
    await app.node.maintain();
    expect(
      await rows.query('select 1 from known_networks where last_used_at < $1', [
        new Date(app.clock.now().getTime() - 90 * 86_400_000),
      ]),
    ).toEqual([]);
  });

  it('fills no table by networks without end: an account is known at ten, those used last', async () => {
    const person = await registeredPerson(app);
    const networks = Array.from({ length: 12 }, anotherNetwork);
    await rows.query('delete from known_networks');
    for (const network of networks) {
      app.clock.advance(1);
      await attempt(person.email, person.password, network);
    }
    expect(await rows.query('select 1 from known_networks')).toHaveLength(10);
    await Promise.all(networks.map((network) => attempt(person.email, person.password, network)));
    await besiege(person.email);
    expect(outcome(await attempt(person.email, person.password, networks[11]))).toBe('LoginSuccess');
  });
});

describe('a hundred failures in a row (NIST SP 800-63B-4, 3.2.2)', () => {
  it('disable the password and nothing else, and a reset enables it again', async () => {
    const person = await registeredPerson(app);
    const tokens = await signIn(app, person, { headers: anotherNetwork() });
    const cookie = await signInWithCookie(app, person, { headers: anotherNetwork() });
    for (let failure = 1; failure <= 100; failure += 1) {
      expect(outcome(await attempt(person.email))).toBe('INVALID_CREDENTIALS');
      expect(await credentialOf(person)).toEqual({ failures: failure, disabled: failure === 100 });
      if (failure > 5) app.clock.advance(900);
    }

    // The right password answers what an address without an account answers.
    const network = anotherNetwork();
    const right = visiblePart(await attempt(person.email, person.password, network));
    expect(right).toEqual(visiblePart(await attempt(freeAddress(), person.password, network)));
    expect(right.text).toContain('INVALID_CREDENTIALS');
    expect(await eventsAbout(rows, person.userId, 'password.disabled')).toMatchObject([{ severity: 'critical' }]);
    expect(await allMailTo(app, rows, person.email, /disabled/)).toHaveLength(1);

    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: tokens.refreshToken } });
    expect(refreshed.data.refreshSession).toMatchObject({
      __typename: 'RefreshSessionSuccess',
      session: { id: tokens.sessionId },
    });
    tokens.client.accessToken = refreshed.data.refreshSession.tokens.accessToken;
    expect((await tokens.client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
    expect((await cookie.client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);

    const newPassword = 'nobody guesses this one';
    await new TestClient(app).send(documents.requestPasswordReset, { input: { email: person.email } }, anotherNetwork());
    const token = tokenOf(await app.mailbox.waitFor(person.email, /set a new password/i));
    const reset = await new TestClient(app).send(documents.resetPassword, { input: { token, newPassword } }, anotherNetwork());
    expect(reset.data.resetPassword).toEqual({ __typename: 'ResetPasswordSuccess', revokedSessionCount: 2 });
    expect(await credentialOf(person)).toEqual({ failures: 0, disabled: false });
    expect(outcome(await attempt(person.email, newPassword))).toBe('LoginSuccess');
  });

  it('are not reached by a right hundredth guess, which begins the count anew', async () => {
    const person = await registeredPerson(app);
    await presetFailures(person, 98);
    expect(outcome(await attempt(person.email))).toBe('INVALID_CREDENTIALS');
    expect(await credentialOf(person)).toEqual({ failures: 99, disabled: false });
    expect(outcome(await attempt(person.email, person.password))).toBe('LoginSuccess');
    expect(await credentialOf(person)).toEqual({ failures: 0, disabled: false });
    expect(await eventsAbout(rows, person.userId, 'password.disabled')).toEqual([]);
  });

  it('are told once when the last guesses come at the same time, and the right one among them is too late', async () => {
    const person = await registeredPerson(app);
    await presetFailures(person, 99);
    await Promise.all(Array.from({ length: 6 }, () => attempt(person.email)));
    expect(await credentialOf(person)).toEqual({ failures: 100, disabled: true });
    expect(await eventsAbout(rows, person.userId, 'password.disabled')).toHaveLength(1);
    expect(await allMailTo(app, rows, person.email, /disabled/)).toHaveLength(1);
    app.clock.advance(1);
    expect(outcome(await attempt(person.email, person.password))).toBe('INVALID_CREDENTIALS');
  });
});

describe('changing the password', () => {
  const change = (client: TestClient, currentPassword: string) =>
    client.send(
      documents.changePassword,
      { input: { currentPassword, newPassword: 'a password for later on' } },
      anotherNetwork(),
    );
  const codeOf = (answer: GraphqlAnswer<{ changePassword: Record<string, unknown> }>) =>
    String(answer.data?.changePassword['code'] ?? answer.data?.changePassword['__typename']);

  it('is no way around the limits for whoever stole a session', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    const codes: string[] = [];
    for (let round = 0; round < 10; round += 1) codes.push(codeOf(await change(client, wrongPassword)));
    expect(tally(codes)).toEqual({ INVALID_CREDENTIALS: 6, RATE_LIMITED: 4 });
    expect(await credentialOf(person)).toEqual({ failures: 6, disabled: false });
    expect(codeOf(await change(client, person.password))).toBe('RATE_LIMITED');
    expect(await countedFor('change-password')).toEqual([6]);
    expect(await countedFor('login-account')).toEqual([]);
  });

  it('is not kept from somebody by a stranger who guesses at the sign-in', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    for (let guess = 0; guess < 7; guess += 1) await attempt(person.email);
    expect(outcome(await attempt(person.email))).toBe('RATE_LIMITED 1');
    expect(codeOf(await change(client, person.password))).toBe('ChangePasswordSuccess');
  });

  it('counts towards the hundred, after which the right password changes nothing either', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    await presetFailures(person, 99);
    expect(codeOf(await change(client, wrongPassword))).toBe('INVALID_CREDENTIALS');
    expect(await credentialOf(person)).toEqual({ failures: 100, disabled: true });
    expect(codeOf(await change(client, goodPassword))).toBe('INVALID_CREDENTIALS');
    expect((await client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
  });
});

function aliased(emails: readonly string[], headers: Headers = anotherNetwork(), passwords: readonly string[] = []) {
  const fields = emails.map(
    (email, index) =>
      `a${index}: login(input: { email: ${JSON.stringify(email)}, password: ${JSON.stringify(passwords[index] ?? wrongPassword)} }) { __typename ... on AppError { code } }`,
  );
  return new TestClient(app).send<Record<string, { readonly __typename: string; readonly code: string }>>(
    `mutation { ${fields.join('\n')} }`,
    undefined,
    headers,
  );
}
