import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { visiblePart } from '#tests/support/answers.ts';
import { allMailTo, jobsDone } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { compareTimes, mannWhitneyP, type TimeDifference } from '#tests/support/rank-sum.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { anotherNetwork, type Person, registeredPerson } from '#tests/support/stories.ts';

// Everything that these answers can hold.
const problem =
  '... on AppError { code message } ... on InvalidInputError { fields { path message } } ... on RateLimitedError { retryAfterSeconds }';
const operations = {
  login: `mutation($input: LoginInput!) { login(input: $input) { __typename ... on LoginSuccess { tokens { accessToken } } ... on LoginChallenge { kind message } ${problem} } }`,
  register: `mutation($input: RegisterInput!) { register(input: $input) { __typename ... on RegisterSuccess { email } ${problem} ... on PasswordRejectedError { reasons minLength } } }`,
  requestPasswordReset: `mutation($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { __typename ... on RequestPasswordResetSuccess { email } ${problem} } }`,
};

type Operation = keyof typeof operations;

/** Addresses of one length, so that nothing differs but whether there is an account. */
const newAddress = () => `person-${crypto.randomUUID()}@example.com`;

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

/** Does the same with an address that has an account and with a free one, from one network, and gives what could be seen. */
async function withAndWithout(person: Person, steps: readonly { operation: Operation; input: Record<string, unknown> }[]) {
  const network = anotherNetwork();
  const free = newAddress();
  const seen = { existing: [] as ReturnType<typeof visiblePart>[], missing: [] as ReturnType<typeof visiblePart>[] };
  for (const { operation, input } of steps) {
    for (const [side, email] of [
      ['existing', person.email],
      ['missing', free],
    ] as const) {
      const answer: GraphqlAnswer = await new TestClient(app).send(
        operations[operation],
        { input: { ...input, email } },
        network,
      );
      const { text, ...rest } = visiblePart(answer);
      seen[side].push({ ...rest, text: text.replaceAll(email, '(address)') });
    }
  }
  return seen;
}

const mine = 'the password of an attacker';

describe('whether an address has an account', () => {
  it.each<{ what: string; steps: { operation: Operation; input: Record<string, unknown> }[]; holds: string }>([
    {
      what: 'a wrong password, with tokens',
      steps: [{ operation: 'login', input: { password: mine } }],
      holds: 'INVALID_CREDENTIALS',
    },
    {
      what: 'a wrong password, with a cookie',
      steps: [{ operation: 'login', input: { password: mine, delivery: 'COOKIE' } }],
      holds: 'INVALID_CREDENTIALS',
    },
    {
      what: 'a password that can be none',
      steps: [{ operation: 'login', input: { password: 'x\0' } }],
      holds: 'INVALID_INPUT',
    },
    {
      what: 'wrong passwords until it is slowed',
      steps: Array.from({ length: 9 }, () => ({ operation: 'login' as const, input: { password: mine } })),
      holds: 'RATE_LIMITED',
    },
    {
      what: 'signing up',
      steps: [{ operation: 'register', input: { password: mine, displayName: 'Mallory' } }],
      holds: 'RegisterSuccess',
    },
    {
      what: 'signing up with a password that is refused',
      steps: [{ operation: 'register', input: { password: 'short', displayName: 'Mallory' } }],
      holds: 'TOO_SHORT',
    },
    {
      what: 'signing up again and again, more often than an address gets mail',
      steps: Array.from({ length: 9 }, () => ({
        operation: 'register' as const,
        input: { password: mine, displayName: 'Mallory' },
      })),
      holds: 'RegisterSuccess',
    },
    {
      what: 'signing up, then signing in with that password, then with another, until it is slowed',
      steps: [
        { operation: 'register' as const, input: { password: mine, displayName: 'Mallory' } },
        { operation: 'login' as const, input: { password: mine } },
        { operation: 'login' as const, input: { password: mine, delivery: 'COOKIE' } },
        { operation: 'login' as const, input: { password: 'wrong donkey battery staple' } },
        ...Array.from({ length: 6 }, () => ({ operation: 'login' as const, input: { password: mine } })),
      ],
      holds: 'LoginChallenge',
    },
    {
      what: 'asking for a link to set a new password',
      steps: [{ operation: 'requestPasswordReset', input: {} }],
      holds: 'RequestPasswordResetSuccess',
    },
    {
      what: 'asking for such a link more often than an address gets mail',
      steps: Array.from({ length: 12 }, () => ({ operation: 'requestPasswordReset' as const, input: {} })),
      holds: 'RequestPasswordResetSuccess',
    },
  ])('is not told by $what', async ({ steps, holds }) => {
    const person = await registeredPerson(app, newAddress());
    const { existing, missing } = await withAndWithout(person, steps);
    expect(missing).toEqual(existing);
    // That the answers are the ones meant, and not some refusal that hides the rest.
    expect(existing.map(({ text }) => text).join()).toContain(holds);
    expect(existing.every(({ status }) => status === 200)).toBe(true);
  });

  it('is not told by the right password of somebody who is suspended', async () => {
    const person = await registeredPerson(app, newAddress());
    await rows.query("update users set status = 'suspended' where id = $1", [person.userId]);
    const { existing, missing } = await withAndWithout(person, [{ operation: 'login', input: { password: person.password } }]);
    expect(missing).toEqual(existing);
    expect(existing[0]?.text).toContain('INVALID_CREDENTIALS');
  });

  it('is told by mail to its owner alone', async () => {
    const person = await registeredPerson(app, newAddress());
    const before = (await app.mailbox.list()).length;
    await withAndWithout(person, [{ operation: 'register', input: { password: mine, displayName: 'Mallory' } }]);
    expect(await allMailTo(app, rows, person.email, /have an account already/)).toHaveLength(1);
    // One to each of the two addresses, nothing to anybody else.
    expect((await app.mailbox.list()).length - before).toBe(2);
  });
});

describe('how long an answer takes', () => {
  const samples = 60;
  const tries = 3;
  const inputs: Readonly<Record<Operation, Record<string, unknown>>> = {
    login: { password: mine },
    register: { password: mine, displayName: 'Mallory' },
    requestPasswordReset: {},
  };

  let timed: TestApp;
  let queue: Rows;
  let existing: string[];
  beforeAll(async () => {
    // Hashes that cost what they do in production: next to them the noise of the machine is small.
    timed = await makeTestApp({
      env: { TRUST_PROXY: 'loopback', ARGON2_MEMORY_KIB: '19456', ARGON2_ITERATIONS: '2', HASH_CONCURRENCY: '1' },
    });
    queue = await openRows(timed);
    existing = await registerMany(timed, samples);
  }, 180_000);
  afterAll(async () => {
    await queue?.close();
    await timed.close();
  });

  async function timeOf(operation: Operation, email: string): Promise<number> {
    const client = new TestClient(timed, { headers: anotherNetwork() });
    const startedAt = performance.now();
    const { text } = await client.send(operations[operation], { input: { ...inputs[operation], email } });
    const took = performance.now() - startedAt;
    if (!/INVALID_CREDENTIALS|RegisterSuccess|RequestPasswordResetSuccess/.test(text)) throw new Error(text);
    return took;
  }

  /** One request about each account and one about a free address, in turns, so that what slows the machine slows both. */
  async function timesOf(operation: Operation) {
    const times = { existing: [] as number[], missing: [] as number[] };
    for (const [index, email] of existing.entries()) {
      const pair = [
        async () => times.existing.push(await timeOf(operation, email)),
        async () => times.missing.push(await timeOf(operation, newAddress())),
      ];
      for (const take of index % 2 === 0 ? pair : pair.reverse()) {
        await take();
        // Mail to an account that is there must not slow whatever happens to be timed next.
        await jobsDone(queue);
      }
    }
    return times;
  }

  it.each<Operation>(['login', 'register', 'requestPasswordReset'])(
    'does not tell by %s whether the address has an account',
    { timeout: 180_000 },
    async (operation) => {
      await timeOf(operation, newAddress());
      // Three in a row: see compareTimes for what chance makes of that.
      const found: TimeDifference[] = [];
      while (found.length < tries) {
        // Counters and caches begin anew: each request is the first about its account, as an attacker's would be.
        timed.clock.advance(86_401);
        const times = await timesOf(operation);
        const difference = compareTimes(times.existing, times.missing);
        if (process.env['SHOW_TIMES']) console.log(operation, difference);
        if (!difference.tells) return;
        found.push(difference);
      }
      expect(found).toEqual([]);
    },
  );

  describe('as that test sees it', () => {
    // A fixed sequence that looks like noise: the golden ratio's multiples fill [0, 1) evenly.
    const noise = (index: number) => (index * 0.6180339887) % 1;
    const timesLonger = (factor: number) => Array.from({ length: samples }, (_, index) => (10 + noise(index + 0.5)) * factor);

    it('tells when it is longer by a fifth', () => {
      expect(compareTimes(timesLonger(1.2), timesLonger(1))).toMatchObject({ tells: true });
      expect(compareTimes(timesLonger(1), timesLonger(1.2))).toMatchObject({ tells: true });
    });

    it('does not tell when it differs by chance, or by less than a network hides', () => {
      expect(compareTimes(timesLonger(1), timesLonger(1).toReversed())).toMatchObject({ tells: false });
      expect(compareTimes(timesLonger(1.05), timesLonger(1))).toMatchObject({ tells: false });
      expect(mannWhitneyP(timesLonger(1.05), timesLonger(1))).toBeLessThan(1e-6);
    });
  });
});

async function registerMany(at: TestApp, count: number): Promise<string[]> {
  const emails: string[] = [];
  while (emails.length < count)
    emails.push(...(await Promise.all(Array.from({ length: 8 }, async () => (await registeredPerson(at, newAddress())).email))));
  return emails.slice(0, count);
}
