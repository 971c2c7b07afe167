import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drizzleIdempotencyStore, runOnce } from '#capabilities/authentication/index.ts';
import { Secret } from '#kernel/secret.ts';
import { createKeyedHash } from '#platform/crypto/index.ts';
import { createPool, openDatabase } from '#platform/db/index.ts';
import { allMailTo, jobsDone } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { anotherNetwork, documents, goodPassword, registeredPerson, signIn } from '#tests/support/stories.ts';

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' }, clock: createFrozenClock() });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

let keys = 0;
const freshKey = () => {
  keys += 1;
  return `"8e03978e-40d5-43dd-bc93-${String(keys).padStart(12, '0')}"`;
};
let addresses = 0;
const freshEmail = () => {
  addresses += 1;
  return `once-${addresses}@example.com`;
};
const from = (network: Readonly<Record<string, string>>, key: string) =>
  new TestClient(app, { headers: { ...network, 'idempotency-key': key } });
const input = (email: string) => ({ input: { email, password: goodPassword, displayName: 'Ada' } });
const registrations = async (email: string) =>
  (await rows.query('select from registrations where normalised = $1', [email])).length;
const refusal = ({ status, errors }: GraphqlAnswer) => `${status} ${errors?.[0]?.extensions['code']}`;

describe('a request with an Idempotency-Key', () => {
  it('is done once, however often it is sent, and each answer is the same', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    const texts: string[] = [];
    for (let time = 0; time < 3; time += 1) texts.push((await from(network, key).send(documents.register, input(email))).text);
    // Quotes are the header's syntax, not part of the key.
    texts.push((await from(network, key.replaceAll('"', '')).send(documents.register, input(email))).text);
    expect(new Set(texts)).toEqual(new Set(['{"data":{"register":{"__typename":"RegisterSuccess"}}}']));
    expect(await registrations(email)).toBe(1);
    expect(await allMailTo(app, rows, email)).toHaveLength(1);
  });

  it('is done once by parallel repetitions; the others are told to come again, and then get the answer', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    const answers = await Promise.all(Array.from({ length: 8 }, () => from(network, key).send(documents.register, input(email))));
    const outcomes = answers.map((answer) => answer.data?.register?.__typename ?? refusal(answer));
    expect(outcomes).toContain('RegisterSuccess');
    expect(outcomes.filter((outcome) => outcome !== 'RegisterSuccess' && outcome !== '409 IDEMPOTENCY_KEY_IN_USE')).toEqual([]);
    for (const answer of answers) if (answer.status === 409) expect(answer.headers.get('retry-after')).toBe('1');
    expect(await registrations(email)).toBe(1);
    const again = await from(network, key).send(documents.register, input(email));
    expect(again.data.register.__typename).toBe('RegisterSuccess');
    expect(await registrations(email)).toBe(1);
  });

  it('sends one mail for a reset, and a second one by another key', async () => {
    const person = await registeredPerson(app);
    const [key, network] = [freshKey(), anotherNetwork()];
    const ask = (by: string) => from(network, by).send(documents.requestPasswordReset, { input: { email: person.email } });
    const first = await ask(key);
    expect(first.data.requestPasswordReset).toEqual({ __typename: 'RequestPasswordResetSuccess', email: person.email });
    expect((await ask(key)).text).toBe(first.text);
    expect(await allMailTo(app, rows, person.email, /new password/i)).toHaveLength(1);
    await ask(freshKey());
    expect(await allMailTo(app, rows, person.email, /new password/i)).toHaveLength(2);
  });

  it('is refused when the key comes with another payload, and nothing is done', async () => {
    const [email, other, key, network] = [freshEmail(), freshEmail(), freshKey(), anotherNetwork()];
    await from(network, key).send(documents.register, input(email));
    expect(refusal(await from(network, key).send(documents.register, input(other)))).toBe('422 IDEMPOTENCY_KEY_REUSED');
    expect(await registrations(other)).toBe(0);
  });

  it('is nothing to another network, another operation or another field of the same document', async () => {
    const [one, two, key, network] = [freshEmail(), freshEmail(), freshKey(), anotherNetwork()];
    await from(network, key).send(documents.register, input(one));
    expect((await from(anotherNetwork(), key).send(documents.register, input(two))).data.register.__typename).toBe(
      'RegisterSuccess',
    );
    const reset = await from(network, key).send(documents.requestPasswordReset, { input: { email: two } });
    expect(reset.data.requestPasswordReset.__typename).toBe('RequestPasswordResetSuccess');

    const [a, b] = [freshEmail(), freshEmail()];
    const twice =
      'mutation($a: RegisterInput!, $b: RegisterInput!) { a: register(input: $a) { __typename } b: register(input: $b) { __typename } }';
    const document = () => from(network, key).send(twice, { a: input(a).input, b: input(b).input });
    const first = await document();
    expect(first.data).toEqual({ a: { __typename: 'RegisterSuccess' }, b: { __typename: 'RegisterSuccess' } });
    expect((await document()).text).toBe(first.text);
    expect([await registrations(a), await registrations(b)]).toEqual([1, 1]);
  });

  it('may be sent again after it failed: a failure is not kept', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    const weak = { input: { ...input(email).input, password: 'short' } };
    const refused = await from(network, key).send(documents.register, weak);
    expect(refused.data.register.__typename).toBe('PasswordRejectedError');
    expect((await from(network, key).send(documents.register, input(email))).data.register.__typename).toBe('RegisterSuccess');
    expect(await registrations(email)).toBe(1);
  });

  it('is forgotten after a day', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    await from(network, key).send(documents.register, input(email));
    app.clock.advance(86_399);
    await app.node.maintain();
    await from(network, key).send(documents.register, input(email));
    expect(await registrations(email)).toBe(1);
    app.clock.advance(2);
    await app.node.maintain();
    expect(await rows.query('select from idempotency_keys')).toEqual([]);
  });

  it('is taken over when the node that began it died', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    // What a node leaves that dies between its claim and its work.
    await from(network, key).send(documents.register, input(email));
    await jobsDone(rows);
    await rows.query('update idempotency_keys set completed_at = null where completed_at is not null');
    await rows.query('delete from registrations where normalised = $1', [email]);
    expect(refusal(await from(network, key).send(documents.register, input(email)))).toBe('409 IDEMPOTENCY_KEY_IN_USE');
    app.clock.advance(61);
    expect((await from(network, key).send(documents.register, input(email))).data.register.__typename).toBe('RegisterSuccess');
    expect(await registrations(email)).toBe(1);
  });

  it('is taken over from a node that took too long, which then can do nothing any more', async () => {
    const pool = createPool(
      { url: new Secret(app.databaseUrl), max: 2, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 },
      silent,
    );
    const db = openDatabase(pool, { statementTimeoutMs: 5_000, logger: silent });
    const keyedHash = createKeyedHash(new Secret(randomBytes(32)), 'idempotency');
    const once = runOnce({ keys: drizzleIdempotencyStore(db), keyedHash, clock: app.clock });
    const actor = { kind: 'anonymous', origin: { ipAddress: '192.0.2.1', userAgent: '', correlationId: 'test' } } as const;
    const call = { operation: 'test', request: { key: 'late-key', field: 'test' }, payload: [], replay: 'replayed' };
    const done: string[] = [];
    const doAs = (name: string, before: Promise<void>) =>
      once(actor, call, async (settle) => {
        await before;
        return db.hotTransaction(async (tx) => {
          await settle(tx);
          done.push(name);
          return name;
        });
      });
    let wake: () => void = () => undefined;
    const slept = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const late = doAs('late', slept);
    late.catch(() => undefined);
    await expect
      .poll(() => rows.query('select from idempotency_keys where completed_at is null'), { timeout: 10_000 })
      .toHaveLength(1);
    app.clock.advance(61);
    expect(await doAs('second', Promise.resolve())).toBe('second');
    wake();
    await expect(late).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' });
    expect(await doAs('third', Promise.resolve())).toBe('replayed');
    expect(done).toEqual(['second']);
    await db.close();
  });

  it('leaves neither address, password nor key in the table', async () => {
    const [email, key, network] = [freshEmail(), freshKey(), anotherNetwork()];
    await from(network, key).send(documents.register, input(email));
    const text = await rows.textOf('idempotency_keys');
    for (const secret of [email, goodPassword, key.replaceAll('"', ''), network['x-forwarded-for'] ?? ''])
      expect(text).not.toContain(secret);
  });
});

describe('the header is refused', () => {
  it.each([['""'], ['short'], ['a b c d e f g h'], ['"one-two-three", "four-five-six"'], ['x'.repeat(200)]])(
    'when it is no key: %j',
    async (key) => {
      const email = freshEmail();
      expect(refusal(await from(anotherNetwork(), key).send(documents.register, input(email)))).toBe(
        '400 IDEMPOTENCY_KEY_INVALID',
      );
      expect(await registrations(email)).toBe(0);
    },
  );

  it('by what returns credentials and by all that may be sent again anyway, before anything is done', async () => {
    const person = await registeredPerson(app);
    const { client, sessionId, refreshToken } = await signIn(app, person);
    const before = await rows.query('select count(*)::int as count from sessions');
    const withKey = new TestClient(app, { accessToken: client.accessToken ?? '', headers: { 'idempotency-key': freshKey() } });
    const refused = await Promise.all([
      withKey.send(documents.login, { input: { email: person.email, password: person.password } }),
      withKey.send(documents.refreshSession, { input: { refreshToken } }),
      withKey.send(documents.revokeSession, { input: { sessionId } }),
      withKey.send(documents.logout),
    ]);
    expect(refused.map(refusal)).toEqual(refused.map(() => '400 IDEMPOTENCY_KEY_UNSUPPORTED'));
    expect(await rows.query('select count(*)::int as count from sessions')).toEqual(before);
    expect((await client.send(documents.viewer)).data.viewer.session.id).toBe(sessionId);
    // It says nothing about reading.
    expect((await withKey.send(documents.viewer)).data.viewer.session.id).toBe(sessionId);
  });
});
