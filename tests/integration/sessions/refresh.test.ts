import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendedEvents } from '#tests/support/background.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  anotherNetwork,
  documents,
  type Person,
  registeredPerson,
  type SignedIn,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';

const graceSeconds = 10;
const idleSeconds = 3_600;
const absoluteSeconds = 7_200;
const env = {
  TRUST_PROXY: 'loopback',
  REFRESH_TOKEN_GRACE_SECONDS: String(graceSeconds),
  SESSION_IDLE_TIMEOUT_SECONDS: String(idleSeconds),
  SESSION_ABSOLUTE_TIMEOUT_SECONDS: String(absoluteSeconds),
};

let app: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env, clock: createFrozenClock() });
  rows = await openRows(app);
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

function present(refreshToken: string): Promise<GraphqlAnswer> {
  return new TestClient(app).send(documents.refreshSession, { input: { refreshToken } });
}

function tokensOf({ data, text }: GraphqlAnswer): Tokens {
  const result = data?.['refreshSession'] as { __typename: string; tokens: Tokens } | undefined;
  if (result?.__typename !== 'RefreshSessionSuccess') throw new Error(`refreshSession: ${text}`);
  return result.tokens;
}

async function refreshed(refreshToken: string): Promise<Tokens> {
  return tokensOf(await present(refreshToken));
}

async function expectRefused(refreshToken: string): Promise<void> {
  const { data, text } = await present(refreshToken);
  expect(data, text).toEqual({ refreshSession: { __typename: 'RefreshTokenInvalidError', code: 'REFRESH_TOKEN_INVALID' } });
}

/** The code of the refusal, or null when the access token is taken. */
async function refusalOf(accessToken: string): Promise<unknown> {
  const { errors } = await new TestClient(app, { accessToken }).send(documents.viewer);
  return errors?.[0]?.extensions['code'] ?? null;
}

async function eventsOf(sessionId: string) {
  const found = await rows.query<{ type: string; severity: string; canonical: Buffer }>(
    `select type, severity, canonical from (${appendedEvents}) as appended where session_id = $1 order by part, place`,
    [sessionId],
  );
  return found.map(({ type, severity, canonical }) => ({ type, severity, data: JSON.parse(canonical.toString()).data }));
}

async function liveLeaves(sessionId: string): Promise<number> {
  const [row] = await rows.query<{ count: number }>(
    'select count(*)::int as count from refresh_tokens where session_id = $1 and consumed_at is null',
    [sessionId],
  );
  return row?.count ?? 0;
}

describe('guessing refresh tokens', () => {
  const from = (network: Readonly<Record<string, string>>, refreshToken: string) =>
    new TestClient(app, { headers: network }).send(documents.refreshSession, { input: { refreshToken } });
  const forged = () => `srt_${randomBytes(32).toString('base64url')}`;

  it('is slowed for the network it comes from, also in parallel; good tokens go on working there', async () => {
    const network = anotherNetwork();
    const own = await signIn(app, person);
    const answers = await Promise.all(Array.from({ length: 60 }, () => from(network, forged())));
    const codes = answers.map(({ data }) => data?.refreshSession.code);
    expect(codes.filter((code) => code === 'REFRESH_TOKEN_INVALID')).toHaveLength(51);
    expect(codes.filter((code) => code === 'RATE_LIMITED')).toHaveLength(9);
    const next = tokensOf(await from(network, own.refreshToken));
    expect((await from(anotherNetwork(), forged())).data?.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
    expect(tokensOf(await from(network, next.refreshToken))).toBeTruthy();
  });

  it('is not what somebody does whose token is used or too old', async () => {
    const network = anotherNetwork();
    const { refreshToken } = await signIn(app, person);
    await refreshed(refreshToken);
    app.clock.advance(graceSeconds + 1);
    for (let round = 0; round < 53; round += 1)
      expect((await from(network, refreshToken)).data?.refreshSession.code).toBe('REFRESH_TOKEN_INVALID');
  });
});

describe('a refresh', () => {
  it('gives another refresh token and another access token of the same session, and ends neither the session nor the older access token', async () => {
    const first = await signIn(app, person);
    const answer = await present(first.refreshToken);
    const second = tokensOf(answer);
    expect(answer.data).toMatchObject({ refreshSession: { session: { id: first.sessionId } } });
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(second.accessToken).not.toBe(first.accessToken);
    expect(await refusalOf(second.accessToken)).toBeNull();
    expect(await refusalOf(first.accessToken)).toBeNull();
  });

  it('leaves no refresh token in the database, only what can not be turned back', async () => {
    const { refreshToken } = await signIn(app, person);
    const next = await refreshed(refreshToken);
    const stored = await rows.textOf('refresh_tokens');
    for (const token of [refreshToken, next.refreshToken]) {
      const body = token.slice('srt_'.length);
      expect(stored).not.toContain(body);
      expect(stored).not.toContain(Buffer.from(body, 'base64url').toString('latin1'));
    }
  });

  it('goes on over many rotations, until the session ends by its absolute timeout', async () => {
    const { sessionId, refreshToken } = await signIn(app, person);
    const seen = new Set([refreshToken]);
    let current = refreshToken;
    // Each within the idle timeout of the one before: only the absolute timeout can end this.
    for (let passed = 0; passed + 300 < absoluteSeconds; passed += 300) {
      app.clock.advance(300);
      const tokens = await refreshed(current);
      current = tokens.refreshToken;
      expect(await refusalOf(tokens.accessToken)).toBeNull();
      seen.add(current);
    }
    expect(seen.size).toBe(absoluteSeconds / 300);
    expect(await liveLeaves(sessionId)).toBe(1);
    app.clock.advance(300);
    await expectRefused(current);
  });
});

describe('the same refresh token twice at once', () => {
  it('gives two tabs the same successor', async () => {
    const { sessionId, refreshToken } = await signIn(app, person);
    const [one, other] = await Promise.all([refreshed(refreshToken), refreshed(refreshToken)]);
    expect(one.refreshToken).toBe(other.refreshToken);
    expect(await liveLeaves(sessionId)).toBe(1);
    expect((await eventsOf(sessionId)).map(({ type }) => type)).toEqual(['login.succeeded', 'session.refreshed']);
  });

  it('gives fifty the same successor, from which the chain goes on', async () => {
    const { sessionId, refreshToken } = await signIn(app, person);
    const all = await Promise.all(Array.from({ length: 50 }, () => refreshed(refreshToken)));
    const successors = new Set(all.map((tokens) => tokens.refreshToken));
    expect(successors.size).toBe(1);
    expect(await liveLeaves(sessionId)).toBe(1);
    for (const successor of successors) expect((await refreshed(successor)).refreshToken).not.toBe(refreshToken);
  });

  it('gives the same successor on two nodes', async () => {
    const beside = await makeTestApp({ besides: app, env });
    const { sessionId, refreshToken } = await signIn(app, person);
    const byOther = new TestClient(beside).send(documents.refreshSession, { input: { refreshToken } });
    const [here, there] = await Promise.all([refreshed(refreshToken), byOther.then(tokensOf)]);
    await beside.close();
    expect(there.refreshToken).toBe(here.refreshToken);
    expect(await liveLeaves(sessionId)).toBe(1);
  });

  it('survives an answer that was lost on its way, up to the last second of the grace', async () => {
    const { sessionId, refreshToken } = await signIn(app, person);
    const lost = await refreshed(refreshToken);
    app.clock.advance(graceSeconds);
    const again = await refreshed(refreshToken);
    expect(again.refreshToken).toBe(lost.refreshToken);
    app.clock.advance(graceSeconds + 1);
    const { accessToken } = await refreshed(again.refreshToken);
    expect(await refusalOf(accessToken)).toBeNull();
    expect(await liveLeaves(sessionId)).toBe(1);
  });
});

describe('a refresh token that was copied', () => {
  /** What must hold once either of the two holders came late: both are out, and it is told why. */
  async function expectFamilyEnded({ sessionId }: SignedIn, tokens: readonly Tokens[]): Promise<void> {
    for (const { refreshToken, accessToken } of tokens) {
      await expectRefused(refreshToken);
      expect(await refusalOf(accessToken)).toBe('ACCESS_TOKEN_INVALID');
    }
    const events = await eventsOf(sessionId);
    expect(events.filter(({ type }) => type === 'refresh_token.reused')).toMatchObject([{ severity: 'critical' }]);
    expect(events.filter(({ type }) => type === 'session.revoked')).toMatchObject([{ data: { reason: 'refresh_token_reused' } }]);
    expect(await rows.query('select revoked_reason from sessions where id = $1', [sessionId])).toEqual([
      { revoked_reason: 'refresh_token_reused' },
    ]);
  }

  it('ends the session when the thief comes after the owner', async () => {
    const owner = await signIn(app, person);
    const next = await refreshed(owner.refreshToken);
    app.clock.advance(graceSeconds + 1);
    await expectRefused(owner.refreshToken);
    await expectFamilyEnded(owner, [owner, next]);
  });

  it('ends the session when the owner comes after the thief', async () => {
    const owner = await signIn(app, person);
    const stolen = await refreshed(owner.refreshToken);
    app.clock.advance(graceSeconds + 1);
    const hoarded = await refreshed(stolen.refreshToken);
    await expectRefused(owner.refreshToken);
    await expectFamilyEnded(owner, [owner, stolen, hoarded]);
  });

  it('is noticed by a token of long ago, many rotations later', async () => {
    const owner = await signIn(app, person);
    const chain: Tokens[] = [owner];
    for (let turn = 0; turn < 8; turn += 1) {
      app.clock.advance(60);
      chain.push(await refreshed(chain.at(-1)?.refreshToken ?? ''));
    }
    await expectRefused(chain[2]?.refreshToken ?? '');
    await expectFamilyEnded(owner, chain);
  });

  it('is told once, though twenty replays come at once', async () => {
    const owner = await signIn(app, person);
    const next = await refreshed(owner.refreshToken);
    app.clock.advance(graceSeconds + 1);
    await Promise.all(Array.from({ length: 20 }, () => expectRefused(owner.refreshToken)));
    await expectFamilyEnded(owner, [owner, next]);
  });

  it('leaves the other sessions of the person alone', async () => {
    const [stolen, other] = [await signIn(app, person), await signIn(app, person)];
    await refreshed(stolen.refreshToken);
    app.clock.advance(graceSeconds + 1);
    await expectRefused(stolen.refreshToken);
    expect(await refusalOf(other.accessToken)).toBeNull();
    await refreshed(other.refreshToken);
  });
});

describe('what is no good as a refresh token', () => {
  it('one that was not used for the idle timeout', async () => {
    const { refreshToken } = await signIn(app, person);
    app.clock.advance(idleSeconds);
    await expectRefused(refreshToken);
  });

  it('one that its own expiry has ended, though its session was used since', async () => {
    const { client, refreshToken, sessionId } = await signIn(app, person);
    // Short of the idle timeout the session is used by what needs no refresh.
    await rows.query("update refresh_tokens set expires_at = created_at + interval '120 seconds' where session_id = $1", [
      sessionId,
    ]);
    app.clock.advance(120);
    expect((await client.send(documents.viewer)).status).toBe(200);
    await expectRefused(refreshToken);
  });

  it('one of a session that was ended, by logout or by another session', async () => {
    const [left, revoked, admin] = [await signIn(app, person), await signIn(app, person), await signIn(app, person)];
    await left.client.send(documents.logout);
    await admin.client.send(documents.revokeSession, { input: { sessionId: revoked.sessionId } });
    await expectRefused(left.refreshToken);
    await expectRefused(revoked.refreshToken);
  });

  it('a used one of a session that was ended, within the grace: no way to get its successor', async () => {
    const owner = await signIn(app, person);
    await refreshed(owner.refreshToken);
    await owner.client.send(documents.logout);
    await expectRefused(owner.refreshToken);
  });

  it('one of a suspended person', async () => {
    const suspended = await registeredPerson(app);
    const { refreshToken } = await signIn(app, suspended);
    await rows.query("update users set status = 'suspended' where id = $1", [suspended.userId]);
    await expectRefused(refreshToken);
    await rows.query("update users set status = 'active' where id = $1", [suspended.userId]);
    // The refusal has used nothing up.
    await refreshed(refreshToken);
  });

  it('one of another deployment', async () => {
    const elsewhere = await makeTestApp({ env });
    const { refreshToken } = await signIn(elsewhere, await registeredPerson(elsewhere));
    await elsewhere.close();
    await expectRefused(refreshToken);
  });

  it('a session token, an access token, and texts that only look like a refresh token', async () => {
    const { accessToken, refreshToken } = await signIn(app, person);
    const { client } = await signInWithCookie(app, person);
    const sessionToken = client.cookie?.split('=')[1] ?? '';
    expect(sessionToken).toMatch(/^spt_/);
    const lookalikes = [
      sessionToken,
      sessionToken.replace('spt_', 'srt_'),
      accessToken,
      refreshToken.replace('srt_', 'spt_'),
      refreshToken.toUpperCase(),
      `${refreshToken} `,
      `${refreshToken}=`,
      `${refreshToken}\0`,
      refreshToken.slice(0, -1),
      'srt_',
      `srt_${'A'.repeat(43)}`,
      "srt_' or '1'='1",
    ];
    for (const lookalike of lookalikes) {
      const { data, text } = await present(lookalike);
      expect(data?.['refreshSession'], text).toMatchObject({
        __typename: expect.stringMatching(/^(RefreshTokenInvalidError|InvalidInputError)$/),
      });
    }
    // The true one was not used up by any of them.
    await refreshed(refreshToken);
  });

  it('one that comes with a dead Bearer token: the request is refused as a whole, and the token is not used up', async () => {
    const { accessToken, refreshToken, sessionId } = await signIn(app, person);
    const answer = await new TestClient(app, { accessToken: `${accessToken.slice(0, -4)}AAAA` }).send(documents.refreshSession, {
      input: { refreshToken },
    });
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'ACCESS_TOKEN_INVALID' } }] });
    expect((await eventsOf(sessionId)).map(({ type }) => type)).toEqual(['login.succeeded']);
    await refreshed(refreshToken);
  });
});

describe('however refreshes, replays, pauses and endings fall together', () => {
  const families = 30;
  const turns = 8;

  it.each(Array.from({ length: families }, (_, seed) => seed + 1))(
    'family %i never has two live leaves, and no token works once it has ended',
    async (seed) => {
      const random = seededRandom(seed);
      const owner = await signIn(app, person);
      const known = [owner.refreshToken];
      for (let turn = 0; turn < turns; turn += 1) {
        if (random(3) === 0) app.clock.advance(random(2 * graceSeconds));
        // The newest most often, as clients do; an older one now and then, as thieves and sleepy tabs do.
        const presented = Array.from({ length: 1 + random(4) }, () =>
          random(4) === 0 ? known[random(known.length)] : known.at(-1),
        );
        const ending = random(12) === 0 ? owner.client.send(documents.logout) : undefined;
        const answers = await Promise.all(presented.map((token) => present(token ?? '')));
        await ending;
        for (const answer of answers) {
          const success = answer.data?.['refreshSession'] as { tokens?: Tokens } | undefined;
          const next = success?.tokens?.refreshToken;
          if (next !== undefined && !known.includes(next)) known.push(next);
        }
        expect(await liveLeaves(owner.sessionId)).toBeLessThanOrEqual(1);
      }
      const [session] = await rows.query<{ revoked_at: Date | null }>('select revoked_at from sessions where id = $1', [
        owner.sessionId,
      ]);
      // Each token has one successor, so the answers made a chain: as long as the table's.
      expect(
        await rows.query('select count(*)::int as count from refresh_tokens where session_id = $1', [owner.sessionId]),
      ).toEqual([{ count: known.length }]);
      if (session?.revoked_at) for (const token of known) await expectRefused(token);
      else await refreshed(known.at(-1) ?? '');
    },
  );
});

/** mulberry32: the same numbers for the same seed, so that a family that fails can be looked at again. */
function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
