import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { appendEvent } from '#capabilities/events/index.ts';
import { drizzleSessionStore, endSessions, issueSession } from '#capabilities/sessions/index.ts';
import { newId, type OrganisationId, type UserId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool, openDatabase } from '#platform/db/index.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import {
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };
const idleSeconds = 7_200;
const absoluteSeconds = 14_400;
const env = {
  TRUST_PROXY: 'loopback',
  PUBLIC_URL: 'http://id.example.test',
  SESSION_IDLE_TIMEOUT_SECONDS: String(idleSeconds),
  SESSION_ABSOLUTE_TIMEOUT_SECONDS: String(absoluteSeconds),
  DEVICE_TRUST_SECONDS: '86400',
  ACCESS_TOKEN_LIFETIME_SECONDS: String(absoluteSeconds),
};

let one: TestApp;
let two: TestApp;
let rows: Rows;
let admin: TestClient;
let person: Person;
beforeAll(async () => {
  one = await makeTestApp({ env });
  two = await makeTestApp({ env, besides: one });
  rows = await openRows(one);
  admin = (await signedInAdmin(one)).client;
  // A hundred sign-ins at once are more than an account's free attempts. What slows them is looked at elsewhere.
  await rows.query(`create function unthrottled() returns trigger language plpgsql as
    $$ begin new.failures := 0; new.blocked_until := null; return new; end $$`);
  await rows.query(
    `create trigger unthrottled before insert or update on sign_in_throttles for each row execute function unthrottled()`,
  );
});
beforeEach(async () => {
  await setPolicy({});
  person = await registeredPerson(one);
});
afterAll(async () => {
  await rows.close();
  await two.close();
  await one.close();
});

async function setPolicy(input: Record<string, unknown>) {
  // The policy under test must not end the administrator's own session.
  const { data, text } = await admin.send(documents.updateSessionPolicy, { input });
  if (data?.updateSessionPolicy.__typename !== 'UpdateSessionPolicySuccess') throw new Error(text);
  return data.updateSessionPolicy.sessionPolicy;
}

const login = (app: TestApp, delivery = 'TOKENS') =>
  new TestClient(app).send(documents.login, { input: { email: person.email, password: goodPassword, delivery } });
const inAs = async (client: TestClient) => (await client.send(documents.viewer)).data?.viewer?.user.id === person.userId;
const liveSessions = () =>
  rows.query<{ id: string; idle: number; absolute: number }>(
    `select id, extract(epoch from idle_expires_at - created_at)::int as idle,
       extract(epoch from expires_at - created_at)::int as absolute
     from sessions where user_id = $1 and revoked_at is null order by created_at`,
    [person.userId],
  );
const revocations = () =>
  rows.query<{ session: string; reason: string }>(
    `select session_id as session, convert_from(canonical, 'utf8')::json->'data'->>'reason' as reason from (
       select * from event_log union all select 0, id, type, occurred_at, severity, organisation_id, actor_id, subject_id,
       session_id, canonical, personal, personal_key_id from event_outbox) as events
     where subject_id = $1 and type = 'session.revoked'`,
    [person.userId],
  );

describe('the session policy of an organisation', () => {
  it('is that of the deployment until it is changed, and is seen in the organisation', async () => {
    const { client } = await signIn(one, person);
    const { data } = await client.send(
      '{ viewer { organisation { sessionPolicy { idleTimeoutSeconds absoluteTimeoutSeconds sessionLimit limitAction deviceTrustSeconds } } } }',
    );
    expect(data.viewer.organisation.sessionPolicy).toEqual({
      idleTimeoutSeconds: idleSeconds,
      absoluteTimeoutSeconds: absoluteSeconds,
      sessionLimit: null,
      limitAction: 'EVICT_OLDEST',
      deviceTrustSeconds: 86_400,
    });
    expect(await liveSessions()).toMatchObject([{ idle: idleSeconds, absolute: absoluteSeconds }]);
  });

  it('shortens the sessions that begin after it, also while they are used and refreshed', async () => {
    await setPolicy({ idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 1_500 });
    const { client, refreshToken } = await signIn(one, person);
    const { client: other } = await signIn(two, person);
    expect(await liveSessions()).toMatchObject([
      { idle: 600, absolute: 1_500 },
      { idle: 600, absolute: 1_500 },
    ]);
    one.clock.advance(500);
    expect(await inAs(client)).toBe(true);
    const anybody = new TestClient(one);
    const refreshed = await anybody.send(documents.refreshSession, { input: { refreshToken } });
    expect(refreshed.data.refreshSession.__typename).toBe('RefreshSessionSuccess');
    one.clock.advance(500);
    expect(await inAs(client)).toBe(true);
    expect((await other.send(documents.viewer)).status).toBe(401);
    one.clock.advance(550);
    expect((await client.send(documents.viewer)).status).toBe(401);
    // Signed in again: the clock has moved on for all.
    admin.accessToken = (await signIn(one, { email: 'admin@example.com', password: goodPassword, userId: '' })).accessToken;
  });

  it.each([
    ['an idle timeout beyond the deployment’s', { idleTimeoutSeconds: idleSeconds + 1 }, 'input.idleTimeoutSeconds'],
    [
      'an absolute timeout beyond the deployment’s',
      { absoluteTimeoutSeconds: absoluteSeconds + 1 },
      'input.absoluteTimeoutSeconds',
    ],
    ['a timeout of nothing', { idleTimeoutSeconds: 0 }, 'input.idleTimeoutSeconds'],
    [
      'an idle timeout beyond its absolute one',
      { idleTimeoutSeconds: 601, absoluteTimeoutSeconds: 600 },
      'input.idleTimeoutSeconds',
    ],
    ['no session at all', { sessionLimit: 0 }, 'input.sessionLimit'],
    ['a negative trust', { deviceTrustSeconds: -1 }, 'input.deviceTrustSeconds'],
  ])('refuses %s, and changes nothing', async (_name, input, path) => {
    await setPolicy({ sessionLimit: 7 });
    const { data } = await admin.send(documents.updateSessionPolicy, { input });
    expect(data.updateSessionPolicy).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path }] });
    expect(await rows.query('select session_limit from session_policies')).toEqual([{ session_limit: 7 }]);
  });

  it('is changed by who has the permission only, and each change is an event', async () => {
    const { client } = await signIn(one, person);
    const refused = await client.send(documents.updateSessionPolicy, { input: { sessionLimit: 1 } });
    expect(refused.data.updateSessionPolicy).toMatchObject({ __typename: 'ForbiddenError', code: 'FORBIDDEN' });
    const nobody = await new TestClient(one).send(documents.updateSessionPolicy, { input: {} });
    expect(nobody.data.updateSessionPolicy.__typename).toBe('UnauthenticatedError');
    const reader = watch(admin, { after: '0', filter: { types: ['session_policy.updated'], scope: 'ORGANISATION' } });
    await setPolicy({ sessionLimit: 3, limitAction: 'REFUSE' });
    await expect
      .poll(() => reader.events.at(-1)?.data['after'], patience)
      .toMatchObject({ sessionLimit: 3, limitAction: 'refuse' });
    expect(reader.events.at(-1)?.data['before']).toMatchObject({ sessionLimit: null });
    await reader.stop();
  });
});

describe('a limit of sessions', () => {
  it('that refuses answers who proved the password with a typed error, until a session has ended', async () => {
    await setPolicy({ sessionLimit: 2, limitAction: 'REFUSE' });
    const { client } = await signIn(one, person);
    await signIn(one, person);
    const { data } = await login(two);
    expect(data.login).toMatchObject({ __typename: 'SessionLimitReachedError', code: 'SESSION_LIMIT_REACHED' });
    expect(await liveSessions()).toHaveLength(2);
    const told = await rows.query(
      `select 1 from event_outbox where type = 'session.refused' and subject_id = $1
      union all select 1 from event_log where type = 'session.refused' and subject_id = $1`,
      [person.userId],
    );
    expect(told).toHaveLength(1);
    await client.send(documents.logout);
    expect((await login(two)).data.login.__typename).toBe('LoginSuccess');
  });

  it('does not tell who has not proved the password', async () => {
    await setPolicy({ sessionLimit: 1, limitAction: 'REFUSE' });
    await signIn(one, person);
    const wrong = await new TestClient(one).send(documents.login, {
      input: { email: person.email, password: 'not the password' },
    });
    expect(wrong.data.login).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });

  it('does not count the session whose cookie the new one replaces', async () => {
    await setPolicy({ sessionLimit: 1, limitAction: 'REFUSE' });
    const { client, sessionId } = await signInWithCookie(one, person, { headers: { origin: 'http://id.example.test' } });
    const again = await client.send(documents.login, {
      input: { email: person.email, password: goodPassword, delivery: 'COOKIE' },
    });
    expect(again.data.login.__typename).toBe('LoginSuccess');
    expect((await liveSessions()).map(({ id }) => id)).not.toContain(sessionId);
    expect(await liveSessions()).toHaveLength(1);
  });

  it('that evicts ends the oldest with an event, and closes its socket on the other node', async () => {
    await setPolicy({ sessionLimit: 2, limitAction: 'EVICT_OLDEST' });
    const { client: oldest, sessionId } = await signIn(one, person);
    await signIn(one, person);
    const reader = watch(oldest, { after: '0' });
    await expect.poll(() => reader.events.length, patience).toBeGreaterThan(0);
    expect((await login(two)).data.login.__typename).toBe('LoginSuccess');
    await expect.poll(() => reader.closed.map(({ code }) => code), { timeout: 1_000, interval: 10 }).toEqual([4401]);
    expect(await inAs(oldest)).toBe(false);
    expect(await revocations()).toEqual([{ session: sessionId, reason: 'evicted' }]);
    expect(await liveSessions()).toHaveLength(2);
  });

  it.each(['REFUSE', 'EVICT_OLDEST'])('holds for a hundred sign-ins at once over two nodes: %s', async (limitAction) => {
    await setPolicy({ sessionLimit: 3, limitAction });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => login(index % 2 === 0 ? one : two)));
    const outcomes = Map.groupBy(answers, ({ data, text }) => data?.login?.__typename ?? text);
    const live = await liveSessions();
    expect(live).toHaveLength(3);
    if (limitAction === 'REFUSE') {
      expect(outcomes.get('LoginSuccess')).toHaveLength(3);
      expect(outcomes.get('SessionLimitReachedError')).toHaveLength(97);
    } else {
      expect([...outcomes.keys()]).toEqual(['LoginSuccess']);
      expect(await revocations()).toHaveLength(97);
    }
  });

  it('needs no lock of the password to hold: sign-ins by any other means are counted one after the other too', async () => {
    await setPolicy({ sessionLimit: 3, limitAction: 'EVICT_OLDEST' });
    const pool = createPool(
      { url: new Secret(one.databaseUrl), max: 12, connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 },
      silent,
    );
    const db = openDatabase(pool, { statementTimeoutMs: 10_000, logger: silent });
    const sessions = drizzleSessionStore(db);
    const append: ReturnType<typeof appendEvent> = async () => {};
    const { clock } = one;
    const issue = issueSession({
      sessions,
      refreshTokens: { insertFirst: async () => {} },
      accessTokens: { issue: () => Promise.reject(new Error('not asked for')) },
      endSessions: endSessions({ sessions, appendEvent: append, clock }),
      bindings: { brokenBy: () => null },
      appendEvent: append,
      timeouts: { idleTimeoutSeconds: idleSeconds, absoluteTimeoutSeconds: absoluteSeconds },
      clock,
    });
    const [{ organisationId } = { organisationId: newId('org') }] = await rows.query<{ organisationId: OrganisationId }>(
      'select id as "organisationId" from organisations',
    );
    const actor = { kind: 'anonymous', origin: { ipAddress: '192.0.2.1', userAgent: '', correlationId: 'test' } } as const;
    const input = {
      actor,
      userId: person.userId as UserId,
      organisationId,
      amr: ['otp'],
      delivery: 'tokens',
      deviceId: null,
      replaces: null,
    } as const;
    await Promise.all(Array.from({ length: 60 }, () => db.hotTransaction((tx) => issue(tx, input))));
    await db.close();
    expect(await liveSessions()).toHaveLength(3);
  });
});
