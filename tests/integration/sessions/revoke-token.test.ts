import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { boundHeaders, signInBound } from '#tests/support/dpop.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

let app: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock() });
  rows = await openRows(app);
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const revoke = (body: string, headers: Readonly<Record<string, string>> = form) =>
  fetch(`${app.url}/oauth/revoke`, { method: 'POST', headers, body });
const giveUp = (token: string) => revoke(new URLSearchParams({ token, token_type_hint: 'access_token' }).toString());
const sessionServes = async (client: TestClient) => (await client.send(documents.viewer)).data?.viewer != null;
const refreshes = async (refreshToken: string) => {
  const { data } = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken } });
  return data.refreshSession.__typename === 'RefreshSessionSuccess';
};

describe('POST /oauth/revoke', () => {
  it.each(['accessToken', 'refreshToken'] as const)(
    'ends the session of a token at once, by the %s, with its event',
    async (which) => {
      const me = await signIn(app, person);
      const answer = await giveUp(me[which]);
      expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([200, '', 'no-store']);
      expect(await sessionServes(me.client)).toBe(false);
      expect(await refreshes(me.refreshToken)).toBe(false);
      const told = await rows.query<{ canonical: Buffer }>(
        `select canonical from (select type, session_id, canonical from event_log
         union all select type, session_id, canonical from event_outbox) as events
       where type = 'session.revoked' and session_id = $1`,
        [me.sessionId],
      );
      expect(told.map(({ canonical }) => JSON.parse(canonical.toString()))).toMatchObject([
        { data: { reason: 'token_revoked' }, subjectId: person.userId, actor: { kind: 'anonymous' } },
      ]);
    },
  );

  it('ends it by a refresh token that was used already, too: it is of the same session', async () => {
    const me = await signIn(app, person);
    expect(await refreshes(me.refreshToken)).toBe(true);
    await giveUp(me.refreshToken);
    expect(await sessionServes(me.client)).toBe(false);
  });

  it('ends the session of a cookie’s token', async () => {
    const { client } = await signInWithCookie(app, person);
    await giveUp(client.cookie?.split('=')[1] ?? '');
    expect(await sessionServes(client)).toBe(false);
  });

  it('takes a bound token without a proof: giving up is all that can be done with it', async () => {
    const me = await signInBound(app, person);
    expect((await giveUp(me.refreshToken)).status).toBe(200);
    expect((await new TestClient(app).send(documents.viewer, undefined, boundHeaders(app, me))).status).toBe(401);
  });

  it('leaves other sessions alone', async () => {
    const [me, other] = [await signIn(app, person), await signIn(app, person)];
    await giveUp(me.accessToken);
    expect(await sessionServes(other.client)).toBe(true);
    expect(await refreshes(other.refreshToken)).toBe(true);
  });

  it('tells nothing: a token that is unknown, forged, expired or revoked is answered as a good one', async () => {
    const me = await signIn(app, person);
    const [header, payload] = me.accessToken.split('.');
    const expired = await signIn(app, person);
    app.clock.advance(306);
    for (const token of [
      'nonsense',
      `srt_${'A'.repeat(43)}`,
      `${header}.${payload}.AAAA`,
      expired.accessToken,
      'x'.repeat(60_000),
    ]) {
      const answer = await giveUp(token);
      expect([answer.status, await answer.text()], token.slice(0, 40)).toEqual([200, '']);
    }
    expect(await refreshes(me.refreshToken)).toBe(true);
    // An expired access token is nothing any more, and ends nothing.
    expect(await refreshes(expired.refreshToken)).toBe(true);
    await giveUp(me.refreshToken);
    expect((await giveUp(me.refreshToken)).status).toBe(200);
  });

  it.each([
    ['no token', 'token_type_hint=access_token'],
    ['an empty token', 'token='],
    ['nothing', ''],
    ['a token twice', 'token=a&token=b'],
  ])('answers invalid_request to %s', async (_, body) => {
    const answer = await revoke(body);
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }]);
  });

  it('reads forms and nothing else, by POST', async () => {
    const me = await signIn(app, person);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
      expect((await revoke(JSON.stringify({ token: me.accessToken }), { 'content-type': type })).status, type).toBe(415);
    expect((await fetch(`${app.url}/oauth/revoke?token=${me.accessToken}`)).status).toBe(404);
    expect(await sessionServes(me.client)).toBe(true);
  });
});
