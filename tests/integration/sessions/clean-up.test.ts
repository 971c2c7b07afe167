import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

const day = 86_400;
const retentionSeconds = 2 * day;
const env = { TRUST_PROXY: 'loopback', ENDED_SESSION_RETENTION_SECONDS: String(retentionSeconds) };

let one: TestApp;
let two: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  one = await makeTestApp({ env, clock: createFrozenClock() });
  two = await makeTestApp({ env, besides: one });
  rows = await openRows(one);
  person = await registeredPerson(one);
});
afterAll(async () => {
  await rows.close();
  await two.close();
  await one.close();
});

interface Times {
  readonly idle: number;
  readonly absolute: number;
  readonly revoked?: number;
}

/** Sessions whose end is so many seconds before (or, above zero, after) now, with refresh tokens of which all but one were used. */
async function plant(kind: string, count: number, { idle, absolute, revoked }: Times, tokens = 1): Promise<void> {
  const at = (seconds: number) => new Date(one.clock.now().getTime() + seconds * 1000);
  const [{ organisation } = { organisation: '' }] = await rows.query<{ organisation: string }>(
    'select id as organisation from organisations',
  );
  await rows.query(
    `insert into sessions (id, user_id, organisation_id, amr, auth_time, created_at, last_used_at, idle_expires_at, expires_at,
       revoked_at, revoked_reason, ip_address, user_agent)
     select $1 || '-' || n, $2, $3, '{pwd}', $4, $4, $4, $5, $6, $7, case when $7::timestamptz is null then null else 'revoked' end,
       '192.0.2.1', 'planted' from generate_series(1, $8::int) as n`,
    [kind, person.userId, organisation, at(-40 * day), at(idle), at(absolute), revoked === undefined ? null : at(revoked), count],
  );
  await rows.query(
    `insert into refresh_tokens (id, session_id, token_hash, created_at, expires_at, consumed_at)
     select $1 || '-' || n || '-' || t, $1 || '-' || n, sha256(convert_to($1 || n || '-' || t, 'utf8')), $2, $3,
       case when t = 1 then null else $2::timestamptz end
     from generate_series(1, $4::int) as n, generate_series(1, $5::int) as t`,
    [kind, at(-40 * day), at(-1), count, tokens],
  );
}

const planted = async () =>
  Object.fromEntries(
    (
      await rows.query<{ kind: string; sessions: number; tokens: number }>(
        `select split_part(s.id, '-', 1) as kind, count(distinct s.id)::int as sessions, count(t.id)::int as tokens
         from sessions s left join refresh_tokens t on t.session_id = s.id where s.user_agent = 'planted' group by 1`,
      )
    ).map(({ kind, sessions, tokens }) => [kind, [sessions, tokens]]),
  );

const ended = -retentionSeconds - 1;
const lately = -retentionSeconds + 1;
const alive = { idle: day, absolute: 2 * day };

describe('the clean-up of sessions', () => {
  it('by two nodes at once deletes all that ended long enough ago, and none that lives or ended lately', async () => {
    await plant('expired', 4_500, { idle: ended, absolute: ended });
    await plant('revoked', 3_500, { ...alive, revoked: ended });
    await plant('idled', 2_500, { idle: ended, absolute: day });
    await plant('alive', 2_100, alive, 2);
    await plant('lately', 10, { idle: lately, absolute: lately });
    await plant('undone', 10, { ...alive, revoked: lately });
    await plant('dozing', 10, { idle: lately, absolute: day });
    await Promise.all([one.node.maintain(), two.node.maintain(), one.node.maintain(), two.node.maintain()]);
    await one.node.maintain();
    expect(await planted()).toEqual({ alive: [2_100, 4_200], lately: [10, 10], undone: [10, 10], dozing: [10, 10] });
  });

  it('deletes a session with thousands of used refresh tokens in several small steps, and leaves none behind', async () => {
    await plant('long', 3, { idle: ended, absolute: ended }, 2_500);
    await one.node.maintain();
    expect(await planted()).not.toHaveProperty('long');
    expect(await rows.query(`select 1 from refresh_tokens where id like 'long-%'`)).toEqual([]);
  });

  it('passes over what another transaction holds, and waits for nobody', async () => {
    await plant('held', 5, { idle: ended, absolute: ended });
    await rows.query('begin');
    await rows.query(`select 1 from sessions where id = 'held-1' for update`);
    await one.node.maintain();
    await rows.query('commit');
    expect((await planted())['held']).toEqual([1, 1]);
    await one.node.maintain();
    expect(await planted()).not.toHaveProperty('held');
  });

  it('keeps the used refresh tokens of a session that lives, by which a stolen copy is told', async () => {
    const { client, refreshToken } = await signIn(one, person);
    const refresh = async () => {
      client.accessToken = undefined;
      return (await client.send(documents.refreshSession, { input: { refreshToken } })).data.refreshSession.__typename;
    };
    expect(await refresh()).toBe('RefreshSessionSuccess');
    one.clock.advance(3 * day);
    await one.node.maintain();
    expect(await refresh()).toBe('RefreshTokenInvalidError');
    const reuse = await rows.query(`select 1 from event_outbox where type = 'refresh_token.reused'
      union all select 1 from event_log where type = 'refresh_token.reused'`);
    expect(reuse).toHaveLength(1);
  });
});
