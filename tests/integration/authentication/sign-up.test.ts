import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allMailTo, eventsAbout, hurryJobs } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { anotherNetwork, documents, goodPassword, registeredPerson, signIn, tokenOf } from '#tests/support/stories.ts';

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

const newAddress = () => `new-${crypto.randomUUID()}@example.com`;

interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

async function register(input: Partial<SignUp>, headers: Readonly<Record<string, string>> = anotherNetwork()) {
  const whole = { email: newAddress(), password: goodPassword, displayName: 'Ada Lovelace', ...input };
  const { data, text } = await new TestClient(app).send(documents.register, { input: whole }, headers);
  if (!data) throw new Error(text);
  return data.register;
}

/** Opens the link and enters `proof`. */
async function verify(
  token: string,
  proof: { password?: string; newPassword?: string; displayName?: string } = { password: goodPassword },
) {
  const { data, text } = await new TestClient(app).send(documents.verifyEmail, { input: { token, ...proof } }, anotherNetwork());
  if (!data) throw new Error(text);
  return data.verifyEmail;
}

async function login(email: string, password = goodPassword) {
  const { data } = await new TestClient(app).send(documents.login, { input: { email, password } }, anotherNetwork());
  return data.login;
}

/** The tokens of all confirmation links for this address, once nothing is under way. */
const linksOf = async (email: string) => (await allMailTo(app, rows, email, /confirm/i)).map(tokenOf);

/** Does `action` and gives the token of the one link that came of it. */
async function linkOf(email: string, action: () => Promise<unknown>): Promise<string> {
  const before = new Set(await linksOf(email));
  await action();
  const [token, ...more] = (await linksOf(email)).filter((candidate) => !before.has(candidate));
  if (!token || more.length > 0) throw new Error('not exactly one link came');
  return token;
}

const invalid = { __typename: 'TokenInvalidError', code: 'TOKEN_INVALID' };
const success = { __typename: 'RegisterSuccess' };

describe('the link of a sign-up', () => {
  it('makes the account, once, also when it is used 10 times at the same moment', async () => {
    const email = newAddress();
    const token = await linkOf(email, () => register({ email }));
    const results = await Promise.all(Array.from({ length: 10 }, () => verify(token)));
    const made = results.filter(({ __typename }) => __typename === 'VerifyEmailSuccess');
    expect(made).toHaveLength(1);
    expect(results.filter(({ code }) => code === 'TOKEN_INVALID')).toHaveLength(9);
    const userId = made[0].user.id;
    expect(await rows.query('select user_id from email_addresses where normalised = $1', [email])).toEqual([{ user_id: userId }]);
    expect(await eventsAbout(rows, userId, 'email.verified')).toHaveLength(1);
    expect((await login(email)).viewer.user.id).toBe(userId);
    expect(await verify(token)).toEqual(invalid);
  });

  it('is good for a day', async () => {
    const [early, late] = [newAddress(), newAddress()];
    const earlyLink = await linkOf(early, () => register({ email: early }));
    const lateLink = await linkOf(late, () => register({ email: late }));
    app.clock.advance(86_399.999);
    expect(await verify(earlyLink)).toMatchObject({ __typename: 'VerifyEmailSuccess' });
    app.clock.advance(0.001);
    expect(await verify(lateLink)).toEqual(invalid);
    expect((await login(late)).code).toBe('INVALID_CREDENTIALS');
    // The address is free for another try.
    expect(await verify(await linkOf(late, () => register({ email: late })))).toMatchObject({ __typename: 'VerifyEmailSuccess' });
  });

  it('makes no account before it is opened', async () => {
    const email = newAddress();
    await linkOf(email, () => register({ email }));
    expect(await rows.query('select 1 from email_addresses where normalised = $1', [email])).toEqual([]);
    expect(await login(email)).toMatchObject({ __typename: 'LoginChallenge', kind: 'EMAIL_VERIFICATION' });
    expect((await login(email, 'wrong donkey battery staple')).code).toBe('INVALID_CREDENTIALS');
  });

  it.each(['', 'x', 'svt_', 'svt_x', `svt_${'A'.repeat(43)}`, `svt_${'A'.repeat(500)}`, 'ses_1', '\u{1f511}'])(
    'is not %j',
    async (token) => {
      expect(await verify(token)).toEqual(invalid);
    },
  );

  it('stands nowhere in the database as it was mailed', async () => {
    const email = newAddress();
    const token = await linkOf(email, () => register({ email }));
    for (const table of ['registrations', 'event_log', 'event_outbox']) expect(await rows.textOf(table)).not.toContain(token);
  });
});

describe('two who sign up with one address (pre-hijacking)', () => {
  const attackers = 'planted by an attacker';
  const owners = 'chosen by the owner of it';
  const wrong = { __typename: 'WrongPasswordError', code: 'WRONG_PASSWORD' };

  it('plant no password by a link that the owner of the address opens, taking it for their own', async () => {
    const email = newAddress();
    const planted = await linkOf(email, () => register({ email, password: attackers, displayName: 'Mallory' }));
    await register({ email, password: owners });
    expect(await verify(planted, { password: owners })).toEqual(wrong);
    expect(await rows.query('select 1 from email_addresses where normalised = $1', [email])).toEqual([]);

    // The link stays good for whoever has the mailbox: with a password of their choice, and their own name.
    const made = await verify(planted, { newPassword: owners, displayName: 'Ada Lovelace' });
    expect(made.__typename).toBe('VerifyEmailSuccess');
    expect((await login(email, attackers)).code).toBe('INVALID_CREDENTIALS');
    expect((await login(email, owners)).__typename).toBe('LoginSuccess');
    expect(await rows.query('select display_name from users where id = $1', [made.user.id])).toEqual([
      { display_name: 'Ada Lovelace' },
    ]);
  });

  it.each<[string, Parameters<typeof verify>[1], object]>([
    ['no password', {}, { code: 'INVALID_INPUT' }],
    ['an empty password', { password: '' }, wrong],
    ['a password that can be none', { password: 'x\0' }, wrong],
    ['both passwords', { password: attackers, newPassword: owners }, { code: 'INVALID_INPUT' }],
    ['a name besides the old password', { password: attackers, displayName: 'Ada' }, { code: 'INVALID_INPUT' }],
    ['a name that can be none', { newPassword: owners, displayName: ' ' }, { code: 'INVALID_INPUT' }],
    ['a new password that the policy refuses', { newPassword: 'short' }, { code: 'PASSWORD_REJECTED' }],
  ])('are not told apart by %s, and the link stays good', async (_what, proof, refusal) => {
    const email = newAddress();
    const link = await linkOf(email, () => register({ email, password: attackers }));
    expect(await verify(link, proof)).toMatchObject(refusal);
    expect(await rows.query('select 1 from email_addresses where normalised = $1', [email])).toEqual([]);
    expect(await verify(link, { password: attackers })).toMatchObject({ __typename: 'VerifyEmailSuccess' });
  });

  it('do not learn each other’s password by trying: ten tries, also in parallel, then each has to wait', async () => {
    const email = newAddress();
    const link = await linkOf(email, () => register({ email, password: attackers }));
    const tries = await Promise.all(
      Array.from({ length: 15 }, (_, index) => verify(link, { password: `a guess, number ${index}` })),
    );
    expect(tries.filter(({ code }) => code === 'WRONG_PASSWORD')).toHaveLength(10);
    expect(tries.filter(({ code }) => code === 'RATE_LIMITED')).toHaveLength(5);
    expect(await verify(link, { password: attackers })).toMatchObject({ code: 'RATE_LIMITED' });
    // Nobody is locked out by it.
    expect(await verify(link, { newPassword: owners })).toMatchObject({ __typename: 'VerifyEmailSuccess' });
  });

  it('leave the account to the one whose link is opened, with the password of that very sign-up', async () => {
    const email = newAddress();
    const planted = await linkOf(email, () => register({ email, password: attackers, displayName: 'Mallory' }));
    const own = await linkOf(email, () => register({ email, password: owners }));
    const { user } = await verify(own, { password: owners });
    expect(await verify(planted, { password: attackers })).toEqual(invalid);
    expect((await login(email, attackers)).code).toBe('INVALID_CREDENTIALS');
    expect((await login(email, owners)).viewer.user.id).toBe(user.id);
    expect(await rows.query('select 1 from registrations where normalised = $1', [email])).toEqual([]);
  });

  it('make one account also when both links are opened at the same moment', async () => {
    const email = newAddress();
    const passwords = ['the first of two passwords', 'the second of two passwords'] as const;
    const links = [
      await linkOf(email, () => register({ email, password: passwords[0] })),
      await linkOf(email, () => register({ email, password: passwords[1] })),
    ];
    const results = await Promise.all(links.map((link, index) => verify(link, { password: passwords[index] ?? '' })));
    const won = results.findIndex(({ __typename }) => __typename === 'VerifyEmailSuccess');
    expect(results.map(({ __typename }) => __typename).toSorted()).toEqual(['TokenInvalidError', 'VerifyEmailSuccess']);
    expect((await login(email, passwords[won])).__typename).toBe('LoginSuccess');
    expect((await login(email, passwords[1 - won])).code).toBe('INVALID_CREDENTIALS');
  });

  it('whose address has an account meanwhile change nothing there, and its owner is told', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person, { headers: anotherNetwork() });
    const [before] = await rows.query('select * from password_credentials where user_id = $1', [person.userId]);
    const links = await linksOf(person.email);
    expect(
      await register({ email: person.email.toUpperCase(), password: 'planted by an attacker', displayName: 'Mallory' }),
    ).toEqual(success);
    const told = await allMailTo(app, rows, person.email, /have an account already/);
    expect(told).toHaveLength(1);
    expect(told[0]?.text).not.toMatch(/#token=|Mallory|planted/);
    expect(await linksOf(person.email)).toEqual(links);
    expect(await rows.query('select * from password_credentials where user_id = $1', [person.userId])).toEqual([before]);
    expect((await client.send(documents.viewer)).data.viewer.user).toMatchObject({
      id: person.userId,
      displayName: 'Ada Lovelace',
    });
    expect(await eventsAbout(rows, person.userId, 'registration.repeated')).toHaveLength(1);
    // Signing in with the planted password asks for a confirmation that nobody is sent.
    expect(await login(person.email, 'planted by an attacker')).toMatchObject({ __typename: 'LoginChallenge' });
    expect(await linksOf(person.email)).toEqual(links);
    expect((await login(person.email, person.password)).__typename).toBe('LoginSuccess');
  });
});

describe('signing in before the address is confirmed', () => {
  it('sends a fresh link that works, and the older one is dead', async () => {
    const email = newAddress();
    const older = await linkOf(email, () => register({ email }));
    const fresh = await linkOf(email, () => login(email));
    expect(await verify(older)).toEqual(invalid);
    expect(await verify(fresh)).toMatchObject({ __typename: 'VerifyEmailSuccess' });
    expect((await login(email)).__typename).toBe('LoginSuccess');
  });

  it('gives the link its whole day again', async () => {
    const email = newAddress();
    await register({ email });
    app.clock.advance(80_000);
    const fresh = await linkOf(email, () => login(email));
    app.clock.advance(80_000);
    expect(await verify(fresh)).toMatchObject({ __typename: 'VerifyEmailSuccess' });
  });

  it('hands out no session, neither as tokens nor as a cookie', async () => {
    const email = newAddress();
    await register({ email });
    for (const delivery of ['TOKENS', 'COOKIE']) {
      const client = new TestClient(app);
      const answer = await client.send(documents.login, { input: { email, password: goodPassword, delivery } }, anotherNetwork());
      expect(answer.data.login).toEqual({ __typename: 'LoginChallenge', kind: 'EMAIL_VERIFICATION' });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  });

  it('keeps the last link good when the address gets no more mail for now', async () => {
    const email = newAddress();
    let last = await linkOf(email, () => register({ email }));
    for (let round = 0; round < 5; round += 1) last = await linkOf(email, () => login(email));
    await rows.query("delete from sign_in_throttles where kind like 'login-%'");
    await login(email);
    expect(await linksOf(email)).toHaveLength(6);
    expect(await verify(last)).toMatchObject({ __typename: 'VerifyEmailSuccess' });
  });
});

describe('what can not be signed up with', () => {
  it.each([
    ['short of it', ['TOO_SHORT']],
    ['monkey', ['TOO_SHORT', 'COMMON']],
    ['passwordpassword', ['COMMON']],
    ['adalovelace1815!', ['CONTAINS_PERSONAL_DATA']],
    ['sallyport-sallyport-1', ['CONTAINS_PERSONAL_DATA']],
    ['fine words '.repeat(94), ['TOO_LONG']],
    ['a good long pass\0word', ['NOT_TEXT']],
  ])('the password %.24j', async (password, reasons) => {
    const email = newAddress();
    const rejected = await register({ email, password });
    expect(rejected).toMatchObject({ __typename: 'PasswordRejectedError', code: 'PASSWORD_REJECTED', minLength: 15 });
    expect(rejected.reasons).toEqual(expect.arrayContaining(reasons));
    expect(await rows.query('select 1 from registrations where normalised = $1', [email])).toEqual([]);
    expect(await allMailTo(app, rows, email)).toEqual([]);
  });

  it.each<[string, Partial<SignUp>, string[]]>([
    ['no address', { email: '' }, ['input.email']],
    ['an address without @', { email: 'ada' }, ['input.email']],
    ['an address at one label', { email: 'ada@localhost' }, ['input.email']],
    ['an address of 300 characters', { email: `${'a'.repeat(288)}@example.com` }, ['input.email']],
    ['an address of 2,000 characters', { email: `${'a'.repeat(2_000)}@example.com` }, ['input.email']],
    ['an address with a line break', { email: 'ada@example.com\r\nBcc: all@example.com' }, ['input.email']],
    ['an address with a line break in its local part', { email: 'ada\r\nBcc:x@example.com' }, ['input.email']],
    ['two addresses', { email: 'ada@example.com,bob@example.com' }, ['input.email']],
    ['an address with a name', { email: 'Ada <ada@example.com>' }, ['input.email']],
    ['an address with U+0000', { email: 'ada\0@example.com' }, ['input.email']],
    ['no name', { displayName: '' }, ['input.displayName']],
    ['a name that can not be seen', { displayName: ' \u3164 ' }, ['input.displayName']],
    ['a name of 101 characters', { displayName: 'a'.repeat(101) }, ['input.displayName']],
    ['a name with a line break', { displayName: 'Ada\r\nBcc: all@example.com' }, ['input.displayName']],
    ['a name that turns the text around it', { displayName: 'Ada \u202e evol' }, ['input.displayName']],
    ['a password beyond all measure', { password: 'x'.repeat(5_000) }, ['input.password']],
    ['neither address nor name', { email: 'ada', displayName: '' }, ['input.email', 'input.displayName']],
  ])('%s', async (_what, input, paths) => {
    const count = await rows.query('select count(*) from registrations');
    const { __typename, code, fields } = await register(input);
    expect({ __typename, code }).toEqual({ __typename: 'InvalidInputError', code: 'INVALID_INPUT' });
    expect(fields.map(({ path }: { path: string }) => path)).toEqual(paths);
    for (const { message } of fields) expect(message).toMatch(/\S/);
    expect(await rows.query('select count(*) from registrations')).toEqual(count);
  });
});

describe('one address written in several ways', () => {
  it.each([
    ['case', 'ada.case@example.com', 'ADA.Case@EXAMPLE.com'],
    ['width', 'ada.width@example.com', '\uff41da.width\uff20example\uff0ecom'],
    ['composition', 'ad\u00e9@example.com', 'ade\u0301@example.com'],
    ['the spelling of its domain', 'ada@xn--bcher-kva.example', 'ada@B\u00fccher.example'],
    ['blanks around it', 'ada.blank@example.com', '  ada.blank@example.com '],
  ])('is one account, whatever its %s', async (_what, first, second) => {
    const person = await registeredPerson(app, first);
    expect(await register({ email: second, password: 'planted by an attacker' })).toEqual(success);
    expect(await allMailTo(app, rows, person.email, /have an account already/)).toHaveLength(1);
    expect(await rows.query('select 1 from email_addresses where user_id = $1', [person.userId])).toHaveLength(1);
    expect((await login(second)).viewer.user.id).toBe(person.userId);
  });

  it('keeps homographs and sub-addresses apart: they are other mailboxes', async () => {
    const person = await registeredPerson(app, 'paypal@example.com');
    for (const other of ['p\u0430ypal@example.com', 'paypal+shop@example.com', 'pay.pal@example.com'])
      expect((await registeredPerson(app, other)).userId).not.toBe(person.userId);
  });
});

describe('the mail of a sign-up', () => {
  it('goes to the one address, and repeats nothing that the stranger chose', async () => {
    const email = newAddress();
    const displayName = 'Win <a href="https://evil.example">here</a> https://evil.example';
    await register({ email, displayName });
    const mails = await allMailTo(app, rows, email);
    expect(mails).toHaveLength(1);
    expect(JSON.stringify(mails)).not.toMatch(/evil|href|Win </);
    expect(mails[0]?.links).toEqual([expect.stringMatching(/^http:\/\/localhost:\d+\/verify-email#token=svt_[\w-]+$/)]);
    expect(JSON.stringify([mails[0]?.to, mails[0]?.subject])).not.toMatch(/\\r|\\n/);
  });

  it('can not be made to flood a mailbox, from however many networks', async () => {
    const email = newAddress();
    await Promise.all(Array.from({ length: 20 }, () => register({ email })));
    expect(await allMailTo(app, rows, email)).toHaveLength(6);
    // What was too much comes later, once, and waits anew while it is too early.
    await hurryJobs(rows);
    expect(await allMailTo(app, rows, email)).toHaveLength(6);
    app.clock.advance(60);
    await hurryJobs(rows);
    expect(await allMailTo(app, rows, email)).toHaveLength(7);
    app.clock.advance(86_400);
    await hurryJobs(rows);
    expect(await allMailTo(app, rows, email)).toHaveLength(7);
  });

  it('comes to who signs up after a stranger has used up the mails of the address, within a quarter of an hour', async () => {
    const email = newAddress();
    const mallory = { email, password: 'planted by an attacker', displayName: 'Mallory' };
    for (let round = 0; round < 6; round += 1) await register(mallory);
    const planted = new Set(await linksOf(email));
    // The stranger takes every mail that may be sent, until the waits are as long as they get.
    for (const wait of [60, 120, 240, 480]) {
      app.clock.advance(wait);
      await register(mallory);
      for (const link of await linksOf(email)) planted.add(link);
    }
    await register({ email, password: goodPassword });
    expect(new Set(await linksOf(email))).toEqual(planted);
    app.clock.advance(900);
    await hurryJobs(rows);
    const [own, ...more] = (await linksOf(email)).filter((link) => !planted.has(link));
    expect(more).toEqual([]);
    expect(await verify(own ?? '')).toMatchObject({ __typename: 'VerifyEmailSuccess' });
    expect((await login(email)).__typename).toBe('LoginSuccess');
    expect((await login(email, mallory.password)).code).toBe('INVALID_CREDENTIALS');
  });
});

describe('signing up from one network', () => {
  it('is slowed after thirty, each wait twice as long, and only there', async () => {
    const network = anotherNetwork();
    const email = newAddress();
    for (let round = 0; round < 31; round += 1) expect(await register({ email }, network)).toEqual(success);
    for (const wait of [10, 20, 40]) {
      expect(await register({ email }, network)).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: wait });
      app.clock.advance(wait);
      expect(await register({ email }, network)).toEqual(success);
    }
    expect(await register({ email })).toEqual(success);
  });

  it('counts those whose password was refused: they cost as much', async () => {
    const network = anotherNetwork();
    for (let round = 0; round < 31; round += 1)
      expect(await register({ password: 'short' }, network)).toMatchObject({ code: 'PASSWORD_REJECTED' });
    expect(await register({}, network)).toMatchObject({ code: 'RATE_LIMITED' });
  });
});
