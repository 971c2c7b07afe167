import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { startRedis } from '#tests/support/redis-server.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };
const redis = await startRedis();
afterAll(() => redis?.stop());

const ways: readonly { readonly way: string; readonly env: Readonly<Record<string, string>> }[] = [
  { way: 'PostgreSQL', env: {} },
  ...(redis ? [{ way: 'Redis', env: { REDIS_URL: redis.url } }] : []),
];

describe.each(ways)('two nodes that hear of each other by $way', ({ way, env: ofWay }) => {
  let one: TestApp;
  let two: TestApp;
  let rows: Rows;
  let person: Person;
  beforeAll(async () => {
    // One deployment, so one address: tokens of either node hold on both.
    const env = { ...ofWay, PUBLIC_URL: 'http://id.example.test', TRUST_PROXY: 'loopback' };
    one = await makeTestApp({ env });
    two = await makeTestApp({ env, besides: one });
    rows = await openRows(one);
    person = await registeredPerson(one);
  });
  afterAll(async () => {
    await rows.close();
    await two.close();
    await one.close();
  });

  const at = (app: TestApp, accessToken: string) => new TestClient(app, { accessToken });

  it('deliver the events of either exactly once, in one order, to the readers of both', async () => {
    const { accessToken } = await signIn(one, person);
    const readers = [one, one, two, two].map((app) =>
      watch(at(app, accessToken), { after: '0', filter: { types: ['login.succeeded'] } }),
    );
    for (let round = 0; round < 10; round += 1) await Promise.all([signIn(one, person), signIn(two, person)]);
    await expect.poll(() => readers.map(({ events }) => events.length), patience).toEqual([21, 21, 21, 21]);
    const log = await rows.query<{ id: string }>(`select id from event_log where type = 'login.succeeded' order by position`);
    for (const { events } of readers) expect(events.map(({ id }) => id)).toEqual(log.map(({ id }) => id));
    await Promise.all(readers.map((reader) => reader.stop()));
  });

  it('close the socket of a session within a second of its end on the other node, with 4401', async () => {
    const { accessToken, sessionId } = await signIn(one, person);
    const { client: admin } = await signIn(two, person);
    const reader = watch(at(one, accessToken), { after: '0' });
    await expect.poll(() => reader.events.length, patience).toBeGreaterThan(0);
    await admin.send(documents.revokeSession, { input: { sessionId } });
    await expect.poll(() => reader.closed.map(({ code }) => code), { timeout: 1_000, interval: 10 }).toEqual([4401]);
  });

  it('refuse the token of a session that ended on one: there at once, on the other as soon as it has the event', async () => {
    const { client, accessToken } = await signIn(one, person);
    expect((await at(two, accessToken).send(documents.viewer)).status).toBe(200);
    await client.send(documents.logout);
    expect((await at(one, accessToken).send(documents.viewer)).status).toBe(401);
    await expect.poll(async () => (await at(two, accessToken).send(documents.viewer)).status, patience).toBe(401);
  });

  it.runIf(way === 'PostgreSQL')('still deliver when the listening connections are cut again and again', async () => {
    const { accessToken } = await signIn(one, person);
    await expect.poll(async () => (await rows.query('select 1 from event_outbox')).length, patience).toBe(0);
    const [{ last } = { last: '0' }] = await rows.query<{ last: string }>('select max(position)::text as last from event_log');
    const reader = watch(at(two, accessToken), { after: last, filter: { types: ['login.succeeded'] } });
    for (let round = 1; round <= 3; round += 1) {
      await rows.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'sallyport-listener'`,
      );
      await signIn(one, person);
      await expect.poll(() => reader.events.length, patience).toBe(round);
    }
    await reader.stop();
  });

  it('make one signing key and one first organisation between them', async () => {
    const keys = await Promise.all([one, two].map(async ({ url }) => (await fetch(`${url}/.well-known/jwks.json`)).text()));
    expect(keys[1]).toBe(keys[0]);
    expect(await rows.query('select 1 from signing_keys')).toHaveLength(1);
    expect(await rows.query('select 1 from organisations')).toHaveLength(1);
  });
});

describe('a deployment that loses its Redis', () => {
  it('goes on: events come by the poll', async (test) => {
    const own = await startRedis();
    if (!own) return test.skip('there is no redis-server on this machine');
    const app = await makeTestApp({ env: { REDIS_URL: own.url } });
    try {
      const person = await registeredPerson(app);
      const { client } = await signIn(app, person);
      await own.stop();
      const reader = watch(client, { after: '0', filter: { types: ['login.succeeded'] } });
      await signIn(app, person);
      await expect.poll(() => reader.events.length, patience).toBe(2);
      await reader.stop();
    } finally {
      await app.close();
    }
  });
});
