import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { solutionOf } from '#tests/support/challenges.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { startRedis, type TestRedis } from '#tests/support/redis-server.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, goodPassword } from '#tests/support/stories.ts';

// A quarter of the limits: an address has 25 wrong passwords in five minutes, 5 of them without work; an account 3, 1 of
// them without; the whole deployment 250 without.
const env = { TRUST_PROXY: 'loopback', RATE_LIMIT_PERCENT: '25', CHALLENGE_ITERATIONS: '1' };

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock(), env });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

type Headers = Readonly<Record<string, string>>;
interface LoginAnswer {
  readonly __typename: string;
  readonly code: string;
  readonly retryAfterSeconds?: number;
  readonly challenge?: unknown;
}

const allOfIt =
  '{ __typename ... on AppError { code } ... on RateLimitedError { retryAfterSeconds } ... on ChallengeRequiredError { provider challenge } }';

function aliased(count: number, selected: string): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  const fields = indices.map((index) => `a${index}: login(input: $p${index}) ${selected}`);
  return `mutation(${indices.map((index) => `$p${index}: LoginInput!`).join(', ')}) { ${fields.join('\n')} }`;
}

/** One document with a guess for each of the addresses, and what came of each. */
async function guess(
  at: Pick<TestApp, 'url'>,
  emails: readonly string[],
  headers: Headers,
  selection = allOfIt,
): Promise<LoginAnswer[]> {
  const answer = await new TestClient(at).send<Record<string, LoginAnswer>>(
    aliased(emails.length, selection),
    Object.fromEntries(emails.map((email, index) => [`p${index}`, { email, password: 'Summer2026!' }])),
    headers,
  );
  if (!answer.data) throw new Error(answer.text);
  return Object.values(answer.data);
}

function tally(answers: readonly LoginAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code } of answers) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

let people = 0;
function strangers(count: number): string[] {
  people += count;
  return Array.from({ length: count }, (_, index) => `stranger-${people - index}@example.com`);
}
let subnets = 0;
/** An address in a /24 that nothing came from before. */
function freshAddress(): string {
  subnets += 1;
  return `20.${(subnets >> 8) & 255}.${subnets & 255}.7`;
}
const from = (address: string): Headers => ({ 'x-forwarded-for': address });

async function countedGuesses(): Promise<number> {
  const [row] = await rows.query<{ n: number }>("select count(*)::int as n from sign_in_throttles where kind = 'login-account'");
  return row?.n ?? 0;
}

/** All of `work`, a few at once. */
async function inParallel<T>(work: readonly (() => Promise<T>)[], atOnce = 8): Promise<T[]> {
  const results: T[] = [];
  const left = [...work];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = left.shift(); next; next = left.shift()) results.push(await next());
    }),
  );
  return results;
}

describe('spraying one password', () => {
  it('over many accounts from one address is stopped for work after five, whoever has an account', async () => {
    const address = freshAddress();
    const answers = await inParallel(strangers(60).map((email) => () => guess(app, [email], from(address))));
    expect(tally(answers.flat())).toEqual({ INVALID_CREDENTIALS: 5, CHALLENGE_REQUIRED: 55 });
  });

  it('is refused after twenty-five from one address, however much work is done', async () => {
    const address = freshAddress();
    const outcomes: LoginAnswer[] = [];
    for (const email of strangers(40)) {
      let [answer] = await guess(app, [email], from(address));
      if (answer?.code === 'CHALLENGE_REQUIRED')
        [answer] = await guess(app, [email], { ...from(address), ...(await solutionOf(answer.challenge)) });
      if (answer) outcomes.push(answer);
    }
    expect(tally(outcomes)).toEqual({ INVALID_CREDENTIALS: 25, RATE_LIMITED: 15 });
    // Five minutes, and what is left of the half minute in which it began.
    expect(outcomes.at(-1)?.retryAfterSeconds).toBeGreaterThan(300);
    expect(outcomes.at(-1)?.retryAfterSeconds).toBeLessThanOrEqual(330);
    // A neighbour in the same /24 is asked for work sooner than anybody else, and is not refused.
    const neighbour = await guess(app, strangers(1), from(address.replace(/7$/, '8')));
    expect(tally(neighbour)).toEqual({ CHALLENGE_REQUIRED: 1 });
    app.clock.advance(330);
    expect(tally(await guess(app, strangers(1), from(address)))).toEqual({ INVALID_CREDENTIALS: 1 });
  });

  it('from every address of a /24 is stopped for work after twenty, and from a /48 of IPv6 as well', async () => {
    const subnet = freshAddress().replace(/\.7$/, '');
    const ipv4 = strangers(100).map((email, index) => () => guess(app, [email], from(`${subnet}.${index + 1}`)));
    expect(tally((await inParallel(ipv4)).flat())).toEqual({ INVALID_CREDENTIALS: 20, CHALLENGE_REQUIRED: 80 });
    const ipv6 = strangers(100).map((email, index) => () => guess(app, [email], from(`2001:db8:7:${index.toString(16)}::1`)));
    expect(tally((await inParallel(ipv6)).flat())).toEqual({ INVALID_CREDENTIALS: 20, CHALLENGE_REQUIRED: 80 });
  });
});

describe('logins batched by aliases', () => {
  it('count one by one: each alias that is over the limit has its own error, and the others answer', async () => {
    const address = freshAddress();
    const answers = await guess(app, strangers(20), from(address));
    expect(answers.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 5 }, () => 'INVALID_CREDENTIALS'),
      ...Array.from({ length: 15 }, () => 'CHALLENGE_REQUIRED'),
    ]);
    expect(answers.at(-1)).toMatchObject({ __typename: 'ChallengeRequiredError', provider: 'ALTCHA' });
  });

  it('share one solution among none: it is good for one alias', async () => {
    const address = freshAddress();
    const [email = ''] = strangers(1);
    expect(tally(await guess(app, [email], from(address)))).toEqual({ INVALID_CREDENTIALS: 1 });
    const [asked] = await guess(app, [email], from(address));
    const solution = await solutionOf(asked?.challenge);
    const answers = await guess(
      app,
      Array.from({ length: 10 }, () => email),
      { ...from(address), ...solution },
    );
    expect(tally(answers)).toEqual({ INVALID_CREDENTIALS: 1, CHALLENGE_REQUIRED: 9 });
    expect(tally(await guess(app, [email], { ...from(address), ...solution }))).toEqual({ CHALLENGE_REQUIRED: 1 });
  });

  it('write the account in as many ways as they like: it is one', async () => {
    const address = freshAddress();
    const [email = ''] = strangers(1);
    const answers = await guess(
      app,
      [email, email.toUpperCase(), ` ${email} `, email.replace('example', 'EXAMPLE')],
      from(address),
    );
    expect(tally(answers)).toMatchObject({ INVALID_CREDENTIALS: 1 });
    expect(tally(answers)['LoginSuccess']).toBeUndefined();
  });
});

describe('a challenge', () => {
  it('that is asked for is no attempt: it uses up nobody’s guesses', async () => {
    const address = freshAddress();
    await guess(app, strangers(5), from(address));
    const [victim = ''] = strangers(1);
    for (let round = 0; round < 20; round += 1)
      expect(tally(await guess(app, [victim], from(address)))).toEqual({ CHALLENGE_REQUIRED: 1 });
    expect(tally(await guess(app, [victim], from(freshAddress())))).toEqual({ INVALID_CREDENTIALS: 1 });
  });

  it('that is solved too late is asked again', async () => {
    const address = freshAddress();
    const [email = ''] = strangers(1);
    await guess(app, [email], from(address));
    const [asked] = await guess(app, [email], from(address));
    const solution = await solutionOf(asked?.challenge);
    app.clock.advance(301);
    expect(tally(await guess(app, [email], { ...from(address), ...solution }))).toEqual({ CHALLENGE_REQUIRED: 1 });
  });

  it('whose solution comes with a call that needs none is not used up', async () => {
    const address = freshAddress();
    const [email = ''] = strangers(1);
    await guess(app, [email], from(address));
    const [asked] = await guess(app, [email], from(address));
    const headers = { ...from(address), ...(await solutionOf(asked?.challenge)) };
    expect(tally(await guess(app, strangers(1), headers))).toEqual({ INVALID_CREDENTIALS: 1 });
    expect(tally(await guess(app, [email], headers))).toEqual({ INVALID_CREDENTIALS: 1 });
  });

  it.each([
    ['register', documents.register, { password: goodPassword, displayName: 'Ada' }, 'RegisterSuccess'],
    ['requestPasswordReset', documents.requestPasswordReset, {}, 'RequestPasswordResetSuccess'],
  ])('stands before %s as well, and its solution leads on once', async (operation, document, input, success) => {
    const [email = ''] = strangers(1);
    const whole = document.replace('... on AppError', '... on ChallengeRequiredError { challenge } ... on AppError');
    const send = async (headers: Headers = {}): Promise<LoginAnswer> =>
      (await new TestClient(app).send(whole, { input: { email, ...input } }, { ...from(freshAddress()), ...headers })).data[
        operation
      ];
    expect((await send()).__typename).toBe(success);
    const asked = await send();
    expect(asked).toMatchObject({ __typename: 'ChallengeRequiredError', code: 'CHALLENGE_REQUIRED' });
    const solution = await solutionOf(asked.challenge);
    expect((await send(solution)).__typename).toBe(success);
    expect((await send(solution)).code).toBe('CHALLENGE_REQUIRED');
  });
});

describe('X-Forwarded-For', () => {
  it('written by the caller before what the proxy adds changes nothing', async () => {
    const address = freshAddress();
    const answers = await inParallel(
      strangers(30).map((email, index) => () => guess(app, [email], from(`198.51.100.${index}, ${address}`))),
    );
    expect(tally(answers.flat())).toEqual({ INVALID_CREDENTIALS: 5, CHALLENGE_REQUIRED: 25 });
  });

  it('is believed from nobody without TRUST_PROXY', async () => {
    const direct = await makeTestApp({ clock: createFrozenClock(), env: { ...env, TRUST_PROXY: '' } });
    try {
      const forged = strangers(30).map((email) => () => guess(direct, [email], from(freshAddress())));
      expect(tally((await inParallel(forged)).flat())).toEqual({ INVALID_CREDENTIALS: 5, CHALLENGE_REQUIRED: 25 });
    } finally {
      await direct.close();
    }
  });
});

describe('credential stuffing', () => {
  it('with 10,000 accounts from 500 addresses tries 250, and asks for work at all the others', async () => {
    app.clock.advance(3_600);
    const before = await countedGuesses();
    const documents = Array.from({ length: 500 }, () => {
      const address = freshAddress();
      const emails = strangers(20);
      return () => guess(app, emails, from(address), '{ ... on AppError { code } }');
    });
    const answers = (await inParallel(documents)).flat();
    expect(answers).toHaveLength(10_000);
    expect(tally(answers)).toEqual({ INVALID_CREDENTIALS: 250, CHALLENGE_REQUIRED: 9_750 });
    expect((await countedGuesses()) - before).toBe(250);
  }, 120_000);
});

const redis: TestRedis | null = await startRedis();
afterAll(() => redis?.stop());

describe.skipIf(!redis)('with Redis', () => {
  // A Redis that answers is waited for, however busy the machine is.
  const withRedis = (url: string) => ({
    ...env,
    CHALLENGE_PROVIDER: 'none',
    REDIS_URL: url,
    RATE_LIMIT_TIMEOUT_MS: '20000',
  });
  const ready = ({ url }: TestApp) =>
    expect.poll(async () => (await fetch(`${url}/health/ready`)).status, { timeout: 20_000, interval: 50 }).toBe(200);

  it('an address has its limit once, on however many nodes it knocks', async () => {
    if (!redis) throw new Error('there is no redis-server');
    const first = await makeTestApp({ clock: createFrozenClock(), env: withRedis(redis.url) });
    const second = await makeTestApp({ besides: first, env: withRedis(redis.url) });
    try {
      await Promise.all([ready(first), ready(second)]);
      const address = freshAddress();
      const attempts = strangers(80).map((email, index) => () => guess(index % 2 ? first : second, [email], from(address)));
      expect(tally((await inParallel(attempts)).flat())).toEqual({ INVALID_CREDENTIALS: 25, RATE_LIMITED: 55 });
    } finally {
      await second.close();
      await first.close();
    }
  });

  it('that is killed in the middle of an attack, an address has a quarter of its limit, what came before included', async () => {
    const own = await startRedis();
    if (!own) throw new Error('there is no redis-server');
    const target = await makeTestApp({ clock: createFrozenClock(), env: withRedis(own.url) });
    try {
      await ready(target);
      const [address, later] = [freshAddress(), freshAddress()];
      expect(tally(await guess(target, strangers(2), from(address)))).toEqual({ INVALID_CREDENTIALS: 2 });
      await own.stop();
      const attempts = (origin: string) => strangers(40).map((email) => () => guess(target, [email], from(origin)));
      // A quarter of 150 units is 37, and a wrong password costs 6 of them.
      expect(tally((await inParallel(attempts(address))).flat())).toEqual({ INVALID_CREDENTIALS: 4, RATE_LIMITED: 36 });
      expect(tally((await inParallel(attempts(later))).flat())).toEqual({ INVALID_CREDENTIALS: 6, RATE_LIMITED: 34 });
      target.clock.advance(2);
      expect(tally(await guess(target, strangers(10), from(later)))).toEqual({ RATE_LIMITED: 10 });
      expect((await new TestClient(target).send(documents.viewer)).data).toEqual({ viewer: null });
    } finally {
      await target.close();
    }
  });
});
