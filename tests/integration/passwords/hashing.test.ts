import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { anotherNetwork, documents, goodPassword, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

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

async function credentialOf({ userId }: Person) {
  const [row] = await rows.query<{ hash: string; failures: number; disabled: boolean }>(
    'select hash, consecutive_failures as failures, disabled_at is not null as disabled from password_credentials where user_id = $1',
    [userId],
  );
  if (!row) throw new Error('the person has no password');
  return row;
}

function attempt(at: TestApp, email: string, password: string) {
  return new TestClient(at).send(documents.login, { input: { email, password } }, anotherNetwork());
}

const codeOf = ({ data, errors }: GraphqlAnswer<{ login: Record<string, unknown> }>): string =>
  String(data?.login ? (data.login['code'] ?? data.login['__typename']) : errors?.[0]?.extensions['code']);

describe('when the parameters of hashing change', () => {
  it('hashes anew at the next sign-in, and nodes with either parameters go on signing people in', async () => {
    const person = await registeredPerson(app);
    const old = (await credentialOf(person)).hash;
    expect(old).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    const other = await makeTestApp({
      besides: app,
      env: { TRUST_PROXY: 'loopback', ARGON2_MEMORY_KIB: '128', ARGON2_ITERATIONS: '2' },
    });
    try {
      await signIn(app, person);
      expect((await credentialOf(person)).hash).toBe(old);

      // A wrong password changes nothing, however the parameters are.
      expect(codeOf(await attempt(other, person.email, 'wrong donkey battery staple'))).toBe('INVALID_CREDENTIALS');
      expect((await credentialOf(person)).hash).toBe(old);

      await signIn(other, person);
      const { hash, failures } = await credentialOf(person);
      expect(hash).toMatch(/^\$argon2id\$v=19\$m=128,t=2,p=1\$/);
      expect(failures).toBe(0);
      await signIn(other, person);
      expect((await credentialOf(person)).hash).toBe(hash);
      await signIn(app, person);
      expect((await credentialOf(person)).hash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
    } finally {
      await other.close();
    }
  });

  it('lets everybody in who signs in at the same moment, and keeps one of the new hashes', async () => {
    const person = await registeredPerson(app);
    const other = await makeTestApp({ besides: app, env: { TRUST_PROXY: 'loopback', ARGON2_MEMORY_KIB: '256' } });
    try {
      await Promise.all(Array.from({ length: 5 }, () => signIn(other, person)));
      expect((await credentialOf(person)).hash).toContain('m=256');
      await signIn(other, person);
    } finally {
      await other.close();
    }
  });

  it('reads the hash that the other library made', async () => {
    const person = await registeredPerson(app);
    const other = await makeTestApp({ besides: app, env: { TRUST_PROXY: 'loopback', PASSWORD_HASHER: 'node-argon2' } });
    try {
      await signIn(other, person);
      const theirs = await registeredPerson(other);
      await signIn(app, theirs);
    } finally {
      await other.close();
    }
  });
});

describe('when more passwords are tried than can be hashed', () => {
  let slow: TestApp;
  beforeAll(async () => {
    // Slow enough that parallel requests do meet in the queue.
    const env = { HASH_CONCURRENCY: '1', HASH_QUEUE_MAX: '1', ARGON2_MEMORY_KIB: '65536', ARGON2_ITERATIONS: '2' };
    slow = await makeTestApp({ besides: app, env: { TRUST_PROXY: 'loopback', ...env } });
  });
  afterAll(() => slow.close());

  /** As many wrong guesses at once, each at an account of its own: what came of each. */
  async function storm(people: readonly Person[], password: string) {
    const answers = await Promise.all(people.map(({ email }) => attempt(slow, email, password)));
    return people.map((person, index) => ({
      person,
      answer: answers[index] as GraphqlAnswer<{ login: Record<string, unknown> }>,
    }));
  }

  async function registered(count: number): Promise<Person[]> {
    return Promise.all(Array.from({ length: count }, () => registeredPerson(app)));
  }

  it('answers 503 with Retry-After and OVERLOADED to those that find no place, and serves the others', async () => {
    const answers = (await storm(await registered(12), goodPassword)).map(({ answer }) => answer);
    const refused = answers.filter((answer) => codeOf(answer) === 'OVERLOADED');
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter((answer) => codeOf(answer) === 'LoginSuccess').length).toBe(answers.length - refused.length);
    expect(refused.length).toBeLessThan(answers.length);
    for (const { status, headers, errors } of refused) {
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: expect.any(Number) });
    }
    // The storm is over: there is a place again.
    const [late] = await registered(1);
    expect(codeOf(await attempt(slow, late?.email ?? '', goodPassword))).toBe('LoginSuccess');
  });

  it('counts no guess that was never checked', async () => {
    const results = await storm(await registered(12), goodPassword);
    const refused = results.filter(({ answer }) => codeOf(answer) === 'OVERLOADED');
    expect(refused.length).toBeGreaterThan(0);
    for (const { person } of refused) expect(await credentialOf(person)).toMatchObject({ failures: 0, disabled: false });
    expect(await rows.query("select failures from sign_in_throttles where kind like 'login-%' and failures > 0")).toEqual([]);
  });

  it('can not be made to disable a password by guesses that were never checked', async () => {
    const people = await registered(12);
    await rows.query('update password_credentials set consecutive_failures = 99');
    const results = await storm(people, goodPassword);
    const refused = results.filter(({ answer }) => codeOf(answer) === 'OVERLOADED');
    expect(refused.length).toBeGreaterThan(0);
    for (const { person } of refused) await signIn(app, person);
    await rows.query('update password_credentials set consecutive_failures = 0');
  });

  it('counts and records every guess that was found wrong, though the answer may be OVERLOADED', async () => {
    const people = await registered(12);
    const results = await storm(people, 'wrong donkey battery staple');
    const events = await rows.query<{ subject: string }>(
      `select subject_id as subject from event_log where type = 'password.rejected'
       union select subject_id from event_outbox where type = 'password.rejected'`,
    );
    const recorded = new Set(events.map(({ subject }) => subject));
    for (const { person, answer } of results) {
      const { failures } = await credentialOf(person);
      expect(failures).toBe(recorded.has(person.userId) ? 1 : 0);
      if (codeOf(answer) === 'INVALID_CREDENTIALS') expect(failures).toBe(1);
    }
  });

  it('keeps a link to set a new password good', async () => {
    const [person] = await registered(1);
    if (!person) throw new Error('nobody');
    await new TestClient(app).send(documents.requestPasswordReset, { input: { email: person.email } }, anotherNetwork());
    const mail = await app.mailbox.waitFor(person.email, /set a new password/i);
    const token = /#token=(\S+)/.exec(mail.text)?.[1];
    const others = storm(await registered(8), goodPassword);
    const codes: string[] = [];
    const reset = async () => {
      const { data, errors } = await new TestClient(slow).send(
        documents.resetPassword,
        { input: { token, newPassword: 'a password for later on' } },
        anotherNetwork(),
      );
      codes.push(data?.resetPassword?.__typename ?? String(errors?.[0]?.extensions['code']));
      return codes.at(-1);
    };
    // Until the others are through: how long that takes is the machine's business, and hashing goes behind all else on it.
    await expect.poll(reset, { timeout: 20_000, interval: 20 }).not.toBe('OVERLOADED');
    expect(codes.at(-1)).toBe('ResetPasswordSuccess');
    expect(codes.slice(0, -1).every((code) => code === 'OVERLOADED')).toBe(true);
    await others;
  });
});
