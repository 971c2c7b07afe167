import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

const idleSeconds = 3_600;
const absoluteSeconds = 7_200;
const env = {
  TRUST_PROXY: 'loopback',
  SESSION_IDLE_TIMEOUT_SECONDS: String(idleSeconds),
  SESSION_ABSOLUTE_TIMEOUT_SECONDS: String(absoluteSeconds),
  // As long as a session, so that nothing here ends by the token's own expiry.
  ACCESS_TOKEN_LIFETIME_SECONDS: String(absoluteSeconds),
};
const patience = { timeout: 5_000, interval: 20 };

let app: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env, clock: createFrozenClock() });
  rows = await openRows(app);
});
beforeEach(async () => {
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

/** `in` as this person, `out`, or the code of the refusal. */
async function standing(client: TestClient): Promise<string> {
  const { data, errors } = await client.send(documents.viewer);
  const code = errors?.[0]?.extensions['code'];
  return typeof code === 'string' ? code : data.viewer === null ? 'out' : 'in';
}

/** Another program that holds the same secrets: what happens to the first in its own memory does not reach it. */
function copyOf(client: TestClient, at: Pick<TestApp, 'url'> = app): TestClient {
  const copy = new TestClient(at, client.cookie === undefined ? {} : { headers: { origin: app.url } });
  copy.cookie = client.cookie;
  copy.accessToken = client.accessToken;
  return copy;
}

const dead = 'ACCESS_TOKEN_INVALID';

describe('after logout', () => {
  it('a copy of the access token is refused by the next request, whatever it asks for', async () => {
    const { client, sessionId } = await signIn(app, person);
    const thief = copyOf(client);
    expect(await standing(thief)).toBe('in');
    expect((await client.send(documents.logout)).data).toEqual({ logout: { __typename: 'LogoutSuccess', sessionId } });
    const attempts: [string, unknown?][] = [
      [documents.viewer],
      [documents.sessions],
      [documents.logout],
      [documents.revokeOtherSessions],
      ['{ __typename }'],
      [documents.login, { input: { email: person.email, password: person.password, delivery: 'TOKENS' } }],
    ];
    for (const [document, variables] of attempts)
      expect((await thief.send(document, variables)).errors?.[0]?.extensions['code'], document).toBe(dead);
  });

  it('a copy of the cookie is nobody’s, and the browser is told to forget it', async () => {
    const { client } = await signInWithCookie(app, person);
    const thief = copyOf(client);
    const answer = await client.send(documents.logout);
    expect(answer.headers.getSetCookie()).toEqual(['__Host-sallyport=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0']);
    expect(await standing(thief)).toBe('out');
    const mutation = await thief.send(documents.revokeOtherSessions);
    expect(mutation.data).toEqual({ revokeOtherSessions: { __typename: 'UnauthenticatedError', code: 'UNAUTHENTICATED' } });
  });

  it('signing out twice at once is no error, and ends the session once', async () => {
    const { client, sessionId } = await signIn(app, person);
    const answers = await Promise.all([client.send(documents.logout), copyOf(client).send(documents.logout)]);
    for (const { data, errors } of answers)
      expect(data?.logout.__typename ?? errors?.[0]?.extensions['code']).toMatch(/^(LogoutSuccess|ACCESS_TOKEN_INVALID)$/);
    const told = await rows.query<{ count: number }>(
      `select count(*)::int as count from (select type, session_id from event_log union all select type, session_id from event_outbox)
       as events where type = 'session.revoked' and session_id = $1`,
      [sessionId],
    );
    expect(told).toEqual([{ count: 1 }]);
  });

  it('nothing that a refresh gave at the same moment works', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { client, refreshToken } = await signIn(app, person);
      const [refreshed] = await Promise.all([
        new TestClient(app).send(documents.refreshSession, { input: { refreshToken } }),
        client.send(documents.logout),
      ]);
      const tokens = refreshed.data.refreshSession.tokens as { accessToken: string; refreshToken: string } | undefined;
      if (!tokens) continue;
      expect(await standing(new TestClient(app, { accessToken: tokens.accessToken }))).toBe(dead);
      const again = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: tokens.refreshToken } });
      expect(again.data.refreshSession.__typename).toBe('RefreshTokenInvalidError');
    }
  });
});

describe('revokeOtherSessions', () => {
  it('ends all sessions of the person but the one it came by, and nobody else’s', async () => {
    const stranger = await signIn(app, await registeredPerson(app));
    const [first, second, browser] = [await signIn(app, person), await signIn(app, person), await signInWithCookie(app, person)];
    const answer = await second.client.send(documents.revokeOtherSessions);
    expect(answer.data).toEqual({ revokeOtherSessions: { __typename: 'RevokeOtherSessionsSuccess', revokedCount: 2 } });
    expect(await standing(first.client)).toBe(dead);
    expect(await standing(browser.client)).toBe('out');
    expect(await standing(second.client)).toBe('in');
    expect(await standing(stranger.client)).toBe('in');
  });
});

describe('the sessions of somebody else', () => {
  it('can not be ended, nor told from sessions that there never were or that have ended: the same answer to the byte', async () => {
    const victim = await signIn(app, await registeredPerson(app));
    const attacker = await signIn(app, person);
    const ended = await signIn(app, person);
    await ended.client.send(documents.logout);
    const ids = [newId('ses'), victim.sessionId, ended.sessionId, newId('usr'), person.userId, '', "' or '1'='1"];
    const answers: string[] = [];
    for (const sessionId of ids) {
      const { status, text } = await attacker.client.send(documents.revokeSession, { input: { sessionId } });
      answers.push(`${status} ${text}`);
    }
    expect(new Set(answers)).toEqual(
      new Set(['200 {"data":{"revokeSession":{"__typename":"NotFoundError","code":"NOT_FOUND"}}}']),
    );
    expect(await standing(victim.client)).toBe('in');
  });

  it('do not stand in the list', async () => {
    const victim = await signIn(app, await registeredPerson(app));
    const attacker = await signIn(app, person);
    expect((await attacker.client.send(documents.sessions)).text).not.toContain(victim.sessionId);
  });
});

describe('node and nodes', () => {
  const node = 'query($id: ID!) { node(id: $id) { __typename id } }';
  const nodes = 'query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

  async function emailIdOf(userId: string): Promise<string> {
    const [row] = await rows.query<{ id: string }>('select id from email_addresses where user_id = $1', [userId]);
    return row?.id ?? '';
  }

  /** The ids of one thing of every type that a node can be, as this person owns them. */
  async function thingsOf(owner: Person, organisationId: string): Promise<Record<string, string>> {
    const { sessionId } = await signIn(app, owner);
    const [{ deviceId } = { deviceId: '' }] = await rows.query<{ deviceId: string }>(
      'select device_id as "deviceId" from sessions where id = $1',
      [sessionId],
    );
    return {
      User: owner.userId,
      Session: sessionId,
      Device: deviceId,
      EmailAddress: await emailIdOf(owner.userId),
      Organisation: organisationId,
    };
  }

  async function organisationOf(client: TestClient): Promise<string> {
    return (await client.send('{ viewer { organisation { id } } }')).data.viewer.organisation.id;
  }

  it('give a person their own things, and null for those of others, of every type', async () => {
    const victim = await registeredPerson(app);
    const foreignOrganisation = newId('org');
    await rows.query('insert into organisations (id, slug, name, created_at) values ($1, $2, $2, now())', [
      foreignOrganisation,
      foreignOrganisation.toLowerCase(),
    ]);
    const { client } = await signIn(app, person);
    const mine = await thingsOf(person, await organisationOf(client));
    const theirs = await thingsOf(victim, foreignOrganisation);

    // Fails for a type that is added to the schema and not to `thingsOf`.
    const { data } = await client.send('{ __type(name: "Node") { possibleTypes { name } } }');
    expect(data.__type.possibleTypes.map((type: { name: string }) => type.name).sort()).toEqual(Object.keys(theirs).sort());

    for (const [type, id] of Object.entries(mine))
      expect((await client.send(node, { id })).data, type).toEqual({ node: { __typename: type, id } });
    for (const [type, id] of Object.entries(theirs)) {
      const { status, text } = await client.send(node, { id });
      expect(`${status} ${text}`, type).toBe('200 {"data":{"node":null}}');
    }
    const listed = await client.send(nodes, { ids: [...Object.values(theirs), ...Object.values(mine)] });
    expect(listed.data.nodes.map((one: { id: string } | null) => one?.id ?? null)).toEqual([
      ...Object.values(theirs).map(() => null),
      ...Object.values(mine),
    ]);
    for (const id of [...Object.values(theirs), ...Object.values(mine)])
      expect((await new TestClient(app).send(node, { id })).text).toBe('{"data":{"node":null}}');
  });

  it('give nothing for ids that are none, and for a session of one’s own that has ended', async () => {
    const { client } = await signIn(app, person);
    const ended = await signIn(app, person);
    await ended.client.send(documents.logout);
    for (const id of [
      '',
      '_',
      'usr',
      'usr_',
      'xyz_1111111111111111111111',
      '__proto___1',
      newId('usr'),
      newId('eml'),
      newId('org'),
      newId('ses'),
      newId('rft'),
      ended.sessionId,
    ])
      expect((await client.send(node, { id })).text, id).toBe('{"data":{"node":null}}');
  });
});

describe('a session that nobody ends', () => {
  it.each(['a token', 'a cookie'])('ends when it was not used for the idle timeout, with %s', async (kind) => {
    const { client } = kind === 'a token' ? await signIn(app, person) : await signInWithCookie(app, person);
    const unused = copyOf(client);
    app.clock.advance(idleSeconds - 1);
    const other = kind === 'a token' ? await signIn(app, person) : await signInWithCookie(app, person);
    app.clock.advance(1);
    expect(await standing(unused)).toBe(kind === 'a token' ? dead : 'out');
    expect(await standing(other.client)).toBe('in');
  });

  it('lives on by being used, but no longer than the absolute timeout', async () => {
    const { client, sessionId } = await signIn(app, person);
    const browser = await signInWithCookie(app, person);
    for (let passed = 0; passed + 1_200 < absoluteSeconds; passed += 1_200) {
      app.clock.advance(1_200);
      expect(await standing(client)).toBe('in');
      expect(await standing(browser.client)).toBe('in');
      for (const id of [sessionId, browser.sessionId]) await expect.poll(() => lastUse(id), patience).toBe(passed + 1_200);
    }
    app.clock.advance(1_199);
    expect(await standing(client)).toBe('in');
    app.clock.advance(1);
    expect(await standing(client)).toBe(dead);
    expect(await standing(browser.client)).toBe('out');
  });

  it('does not stand in the list any more, nor can it be ended once more', async () => {
    const old = await signIn(app, person);
    app.clock.advance(idleSeconds);
    const { client, sessionId } = await signIn(app, person);
    const listed = (await client.send(documents.sessions)).data.viewer.sessions.edges;
    expect(listed.map((edge: { node: { id: string } }) => edge.node.id)).toEqual([sessionId]);
    const { data } = await client.send(documents.revokeSession, { input: { sessionId: old.sessionId } });
    expect(data.revokeSession.__typename).toBe('NotFoundError');
  });
});

/** Seconds from the beginning of a session to its last use, as written down. */
async function lastUse(sessionId: string): Promise<number> {
  const [row] = await rows.query<{ seconds: number }>(
    'select extract(epoch from last_used_at - created_at)::float as seconds from sessions where id = $1',
    [sessionId],
  );
  return row?.seconds ?? Number.NaN;
}

describe('the use of a session', () => {
  it('is written down at most once a minute', async () => {
    const { client, sessionId } = await signIn(app, person);
    app.clock.advance(59);
    for (let uses = 0; uses < 5; uses += 1) await client.send(documents.viewer);
    app.clock.advance(2);
    await client.send(documents.viewer);
    // Had a use before this been written, this one would come too soon after it.
    await expect.poll(() => lastUse(sessionId), patience).toBe(61);
    app.clock.advance(59);
    await client.send(documents.viewer);
    app.clock.advance(1);
    await client.send(documents.viewer);
    await expect.poll(() => lastUse(sessionId), patience).toBe(121);
  });

  it('brings no session back that was ended meanwhile', async () => {
    const { client, sessionId } = await signIn(app, person);
    const copies = Array.from({ length: 10 }, () => copyOf(client));
    app.clock.advance(120);
    await Promise.all([...copies.map((copy) => standing(copy)), client.send(documents.logout)]);
    for (const copy of copies) expect(await standing(copy)).toBe(dead);
    expect(await rows.query('select revoked_reason from sessions where id = $1', [sessionId])).toEqual([
      { revoked_reason: 'logout' },
    ]);
  });
});

describe('a person who is suspended', () => {
  it('is out by the next request, with token and cookie, and gets no new session', async () => {
    const [token, browser] = [await signIn(app, person), await signInWithCookie(app, person)];
    await rows.query("update users set status = 'suspended' where id = $1", [person.userId]);
    expect(await standing(token.client)).toBe(dead);
    expect(await standing(browser.client)).toBe('out');
    for (const delivery of ['TOKENS', 'COOKIE']) {
      const login = await new TestClient(app).send(documents.login, {
        input: { email: person.email, password: person.password, delivery },
      });
      expect(login.data.login.__typename).not.toBe('LoginSuccess');
      expect(login.headers.getSetCookie()).toEqual([]);
    }
  });
});

describe('two nodes of one deployment', () => {
  it('what one has ended the other, which keeps none in memory, refuses by the next request', async () => {
    const beside = await makeTestApp({ besides: app, env: { ...env, PUBLIC_URL: app.url, SESSION_CACHE_ENTRIES: '0' } });
    const [revoked, left, browser, acting] = [
      await signIn(app, person),
      await signIn(app, person),
      await signInWithCookie(app, person),
      await signIn(app, person),
    ];
    const there = [revoked, left, browser].map(({ client }) => copyOf(client, beside));
    for (const client of there) expect(await standing(client)).toBe('in');
    await acting.client.send(documents.revokeSession, { input: { sessionId: revoked.sessionId } });
    expect(await standing(there[0] ?? acting.client)).toBe(dead);
    await left.client.send(documents.logout);
    expect(await standing(there[1] ?? acting.client)).toBe(dead);
    await acting.client.send(documents.revokeOtherSessions);
    expect(await standing(there[2] ?? acting.client)).toBe('out');
    expect(await standing(copyOf(acting.client, beside))).toBe('in');
    await beside.close();
  });
});
