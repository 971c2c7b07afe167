import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drizzleLiveSessionStore } from '#capabilities/sessions/index.ts';
import type { OrganisationId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool, type Database, openDatabase } from '#platform/db/index.ts';
import { hurryJobs, jobsDone } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import {
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  type SignedIn,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

/** A policy that becomes stricter, and the sessions that live already, on two nodes that have them in memory. */

const patience = { timeout: 8_000, interval: 20 };
const env = {
  TRUST_PROXY: 'loopback',
  PUBLIC_URL: 'http://id.example.test',
  SESSION_IDLE_TIMEOUT_SECONDS: '86400',
  SESSION_ABSOLUTE_TIMEOUT_SECONDS: '864000',
  ACCESS_TOKEN_LIFETIME_SECONDS: '86400',
};
const home = { 'x-forwarded-for': '192.0.2.7', 'user-agent': 'curl/8.0' };
const abroad = { ...home, 'x-forwarded-for': '203.0.113.9' };

let one: TestApp;
let two: TestApp;
let rows: Rows;
let admin: TestClient;
let person: Person;
beforeAll(async () => {
  one = await makeTestApp({ env });
  two = await makeTestApp({ env, besides: one });
  rows = await openRows(one);
  const { person: administrator } = await signedInAdmin(one);
  admin = (await signIn(one, administrator, { headers: home })).client;
});
beforeEach(async () => {
  await setPolicy({});
  await jobsDone(rows);
  person = await registeredPerson(one);
});
afterAll(async () => {
  await rows.close();
  await two.close();
  await one.close();
});

async function setPolicy(input: Record<string, unknown>) {
  const { data, text } = await admin.send(documents.updateSessionPolicy, { input }, home);
  if (data?.updateSessionPolicy.__typename !== 'UpdateSessionPolicySuccess') throw new Error(text);
}

const statusAt = async (app: TestApp, { accessToken }: Pick<SignedIn, 'accessToken'>, headers = home) =>
  (await new TestClient(app, { accessToken, headers }).send(documents.viewer)).status;
const timesOf = async (sessionId: string) => {
  const [times] = await rows.query<{ absolute: number; idle: number; timeout: number | null }>(
    `select extract(epoch from expires_at - created_at)::int as absolute, idle_timeout_seconds as timeout,
       round(extract(epoch from idle_expires_at - last_used_at))::int as idle from sessions where id = $1`,
    [sessionId],
  );
  return times;
};
const applied = async () =>
  (
    await rows.query(`select 1 from event_log where type = 'session_policy.applied' union all
    select 1 from event_outbox where type = 'session_policy.applied'`)
  ).length;

async function metric(app: TestApp, name: string): Promise<number> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
}

/** Uses the session on both nodes until each answers from memory. */
async function warm(me: SignedIn): Promise<void> {
  for (const node of [one, two]) {
    const before = await metric(node, 'session_cache_hits');
    await expect
      .poll(async () => {
        expect(await statusAt(node, me)).toBe(200);
        return (await metric(node, 'session_cache_hits')) > before;
      }, patience)
      .toBe(true);
  }
}

describe('a policy that becomes stricter', () => {
  it('ends what is older than its absolute timeout, on every node and without a restart', async () => {
    const me = await signIn(one, person, { headers: home });
    await warm(me);
    // As if it had begun long ago: the clock of the nodes would end the administrator's session too.
    await rows.query(`update sessions set created_at = created_at - interval '2 hours' where id = $1`, [me.sessionId]);
    await setPolicy({ absoluteTimeoutSeconds: 3_600 });
    await expect.poll(() => Promise.all([statusAt(one, me), statusAt(two, me)]), patience).toEqual([401, 401]);
  });

  it('ends what was left alone for longer than its idle timeout, and refuses its refresh token', async () => {
    const me = await signIn(one, person, { headers: home });
    await warm(me);
    await rows.query(`update sessions set last_used_at = last_used_at - interval '1 hour' where id = $1`, [me.sessionId]);
    await setPolicy({ idleTimeoutSeconds: 1_800 });
    // Not used meanwhile: that would be a use in time.
    await jobsDone(rows);
    await expect.poll(() => Promise.all([statusAt(one, me), statusAt(two, me)]), patience).toEqual([401, 401]);
    const { data } = await new TestClient(two, { headers: home }).send(documents.refreshSession, {
      input: { refreshToken: me.refreshToken },
    });
    expect(data.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
  });

  it('shortens what goes on, and what is loosened later lengthens nothing again', async () => {
    const me = await signIn(one, person, { headers: home });
    await setPolicy({ idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3_600 });
    await jobsDone(rows);
    expect(await timesOf(me.sessionId)).toEqual({ absolute: 3_600, timeout: 600, idle: 660 });
    await setPolicy({ idleTimeoutSeconds: 6_000, absoluteTimeoutSeconds: 36_000 });
    await setPolicy({});
    await jobsDone(rows);
    expect(await timesOf(me.sessionId)).toMatchObject({ absolute: 3_600, timeout: 600 });
    expect([await statusAt(one, me), await statusAt(two, me)]).toEqual([200, 200]);
  });

  it('holds for a use that was read before it and is noted after: the row’s own timeout decides', async () => {
    const me = await signIn(one, person, { headers: home });
    await rows.query('update sessions set idle_timeout_seconds = 600 where id = $1', [me.sessionId]);
    // By then the node has the session as it was, and its use has to be noted.
    const { data } = await new TestClient(one, { headers: home }).send(documents.refreshSession, {
      input: { refreshToken: me.refreshToken },
    });
    expect(data.refreshSession.__typename).toBe('RefreshSessionSuccess');
    expect((await timesOf(me.sessionId))?.idle).toBe(600);
  });

  it('binds what lives: a stolen copy in use elsewhere ends it, and sockets from outside close', async () => {
    const me = await signIn(one, person, { headers: home });
    const thief = watch(new TestClient(two, { accessToken: me.accessToken }), { after: '0' });
    await expect.poll(() => thief.events.length, patience).toBeGreaterThan(0);
    await warm(me);
    await setPolicy({ networkBinding: 'SUBNET' });
    // The thief's socket, which came from 127.0.0.1, says nothing and is found all the same.
    await expect.poll(() => thief.closed.map(({ code }) => code), patience).toEqual([4401]);
    await expect.poll(() => statusAt(one, me), patience).toBe(401);
  });

  it('lets live sessions follow its allowed networks, narrower and wider', async () => {
    const me = await signIn(one, person, { headers: abroad });
    expect(await statusAt(two, me, abroad)).toBe(200);
    await setPolicy({ allowedNetworks: ['192.0.2.0/24'] });
    await expect.poll(() => Promise.all([statusAt(one, me, abroad), statusAt(two, me, abroad)]), patience).toEqual([401, 401]);
    expect(await statusAt(one, me, home)).toBe(200);
    await setPolicy({ allowedNetworks: ['192.0.2.0/24', '203.0.113.0/24'] });
    await expect.poll(() => Promise.all([statusAt(one, me, abroad), statusAt(two, me, abroad)]), patience).toEqual([200, 200]);
  });

  it('ends what is too many by a new limit at the next sign-in', async () => {
    const first = await signIn(one, person, { headers: home });
    await signIn(one, person, { headers: home });
    await setPolicy({ sessionLimit: 1 });
    await jobsDone(rows);
    expect(await statusAt(one, first)).toBe(200);
    await signInWithCookie(two, person, { headers: home });
    await expect.poll(() => statusAt(one, first), patience).toBe(401);
  });
});

describe('the job that applies a policy', () => {
  let db: Database;
  let organisationId: OrganisationId;
  const live = drizzleLiveSessionStore();
  beforeAll(async () => {
    const url = new Secret(one.databaseUrl);
    db = openDatabase(createPool({ url, max: 2, connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 }, silent), {
      statementTimeoutMs: 10_000,
      logger: silent,
    });
    const [organisation] = await rows.query<{ id: OrganisationId }>('select id from organisations');
    organisationId = organisation?.id as OrganisationId;
  });
  afterAll(() => db.close());

  const batch = (after: string, size: number) =>
    db.hotTransaction((tx) => live.tightenBatch(tx, { organisationId, after, size, now: one.clock.now() }));

  it('walks through all sessions in batches, and finds nothing left to do', async () => {
    for (let count = 0; count < 5; count += 1) await signIn(one, person, { headers: home });
    await rows.query(`update session_policies set idle_timeout_seconds = 777`);
    const [{ total } = { total: 0 }] = await rows.query<{ total: number }>('select count(*)::int as total from sessions');
    const batches: Awaited<ReturnType<typeof batch>>[] = [];
    for (let after: string | null = ''; after !== null; ) {
      batches.push(await batch(after, 2));
      after = batches.at(-1)?.last ?? null;
    }
    expect(batches).toHaveLength(Math.ceil(total / 2) + 1);
    expect(await batch('', 10_000)).toMatchObject({ changed: 0, locked: 0 });
    expect(
      await rows.query('select 1 from sessions where user_id = $1 and idle_timeout_seconds = 777', [person.userId]),
    ).toHaveLength(5);
  });

  it('waits for nobody, and comes again for a session that was held', async () => {
    const held = await signIn(one, person, { headers: home });
    const other = await signIn(one, person, { headers: home });
    const holder = new pg.Client({ connectionString: one.databaseUrl });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from sessions where id = $1 for update', [held.sessionId]);
    const before = await applied();
    await setPolicy({ idleTimeoutSeconds: 900 });
    await expect.poll(async () => (await timesOf(other.sessionId))?.timeout, patience).toBe(900);
    expect((await timesOf(held.sessionId))?.timeout).toBeNull();
    await holder.query('rollback');
    await holder.end();
    await hurryJobs(rows);
    expect((await timesOf(held.sessionId))?.timeout).toBe(900);
    expect(await applied()).toBeGreaterThan(before + 1);
  });

  it('comes once more, for a sign-in that had read the policy from before', async () => {
    await setPolicy({ idleTimeoutSeconds: 900 });
    await jobsDone(rows);
    const late = await signIn(one, person, { headers: home });
    await rows.query('update sessions set idle_timeout_seconds = null where id = $1', [late.sessionId]);
    await hurryJobs(rows);
    expect((await timesOf(late.sessionId))?.timeout).toBe(900);
    await signIn(one, { ...person, password: goodPassword }, { headers: home });
  });
});
