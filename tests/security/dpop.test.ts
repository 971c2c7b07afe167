import { request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { type BoundSession, boundHeaders, DpopKey, type ProofOptions, signInBound } from '#tests/support/dpop.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

let app: TestApp;
let rows: Rows;
let person: Person;
let me: BoundSession;
let url: string;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' }, clock: createFrozenClock() });
  rows = await openRows(app);
  person = await registeredPerson(app);
  url = `${app.url}/graphql`;
});
beforeEach(async () => {
  me = await signInBound(app, person);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const ask = (headers: Readonly<Record<string, string>>) => new TestClient(app).send(documents.viewer, undefined, headers);
const refreshBy = (refreshToken: string, headers: Readonly<Record<string, string>> = {}) =>
  new TestClient(app).send(documents.refreshSession, { input: { refreshToken } }, headers);

function expectRefused(answer: GraphqlAnswer, code: string, error: string): void {
  expect(answer.errors?.[0]?.extensions['code'], answer.text).toBe(code);
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toContain(`DPoP error="${error}", algs="ES256 EdDSA"`);
  expect(answer.data?.['viewer'] ?? null).toBeNull();
}
const expectBadProof = (answer: GraphqlAnswer) => expectRefused(answer, 'DPOP_PROOF_INVALID', 'invalid_dpop_proof');
const expectBadToken = (answer: GraphqlAnswer) => expectRefused(answer, 'ACCESS_TOKEN_INVALID', 'invalid_token');
const expectMe = (answer: GraphqlAnswer, sessionId = me.sessionId) =>
  expect(answer.data, answer.text).toMatchObject({ viewer: { session: { id: sessionId } } });

describe('a token that is bound to a key', () => {
  it('serves the one with the key, request by request', async () => {
    expectMe(await ask(boundHeaders(app, me)));
    expectMe(await ask(boundHeaders(app, me)));
    expectMe(await ask({ ...boundHeaders(app, me), authorization: `dpop ${me.accessToken}` }));
  });

  it('stolen without its key is nothing: sent as Bearer (downgrade), without a proof, with a proof by another key', async () => {
    expectBadToken(await ask({ authorization: `Bearer ${me.accessToken}` }));
    expectBadToken(await ask({ ...boundHeaders(app, me), authorization: `Bearer ${me.accessToken}` }));
    expectBadProof(await ask({ authorization: `DPoP ${me.accessToken}` }));
    expectBadToken(await ask(boundHeaders(app, { ...me, key: new DpopKey() })));
  });

  it('refuses a proof that is replayed, also for another operation, and the first use stays good', async () => {
    const headers = boundHeaders(app, me);
    expectMe(await ask(headers));
    expectBadProof(await ask(headers));
    const logout = await new TestClient(app).send(documents.logout, undefined, headers);
    expect(logout.errors?.[0]?.extensions['code']).toBe('DPOP_PROOF_INVALID');
    expectMe(await ask(boundHeaders(app, me)));
  });

  it('refuses a replay in the very moment of the first use: of 20 at once, one is served', async () => {
    const headers = boundHeaders(app, me);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(headers)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('refuses a replay at the end of the life of a proof from the future, and it is too old after that', async () => {
    const headers = boundHeaders(app, me, { at: new Date(app.clock.now().getTime() + 5_000) });
    expectMe(await ask(headers));
    app.clock.advance(69);
    expectBadProof(await ask(headers));
    app.clock.advance(2);
    expectBadProof(await ask(headers));
  });

  it.each<[string, (session: BoundSession) => Partial<ProofOptions>]>([
    ['a wrong htu', () => ({ url: 'https://id.attacker.example/graphql' })],
    ['the htu of another door', () => ({ url: `${app.url}/oauth/revoke` })],
    ['a wrong htm', () => ({ method: 'GET' })],
    ['a wrong ath: of another token', () => ({ accessToken: 'another.access.token' })],
    ['no ath: a proof of signing in', () => ({ claims: { ath: undefined } })],
    ['an iat in the future', () => ({ at: new Date(app.clock.now().getTime() + 6_000) })],
    ['an iat of long ago', () => ({ at: new Date(app.clock.now().getTime() - 66_000) })],
    ['alg none', () => ({ header: { alg: 'none' } })],
    ['alg HS256', () => ({ header: { alg: 'HS256' } })],
    ['the private key in it', ({ key }) => ({ header: { jwk: key.privateJwk } })],
    ['a signature by another key', () => ({ signer: new DpopKey() })],
    ['the type of an access token', () => ({ header: { typ: 'at+jwt' } })],
    ['a nonce that is not ours', () => ({ nonce: 'made-up' })],
  ])('refuses a proof with %s', async (name, change) => {
    const answer = await ask(boundHeaders(app, me, change(me)));
    if (name.includes('nonce')) expectRefused(answer, 'DPOP_NONCE_REQUIRED', 'use_dpop_nonce');
    else expectBadProof(answer);
    expectMe(await ask(boundHeaders(app, me)));
  });

  it('takes no access token for a proof, and no two proofs at once', async () => {
    const good = boundHeaders(app, me);
    expectBadProof(await ask({ ...good, dpop: me.accessToken }));
    expectBadProof(await ask({ ...good, dpop: `${good.dpop}, ${boundHeaders(app, me).dpop}` }));
  });

  it('takes a proof for our public URL and no other, whatever Host and X-Forwarded-Host say', async () => {
    const spoofed = boundHeaders(app, me, { url: 'http://id.attacker.example/graphql' });
    const forwarded = { 'x-forwarded-host': 'id.attacker.example', 'x-forwarded-proto': 'http' };
    expect(await statusOf({ ...spoofed, ...forwarded, host: 'id.attacker.example' })).toBe(401);
    // Behind a proxy the Host may be an inner one: the client only knows the public URL.
    expect(await statusOf({ ...boundHeaders(app, me), host: 'inner.example' })).toBe(200);
  });

  it('is refused as before once its session ended, proof or not', async () => {
    const { client } = await signIn(app, person);
    await client.send(documents.revokeSession, { input: { sessionId: me.sessionId } });
    expectBadToken(await ask(boundHeaders(app, me)));
  });
});

/** As a proxy might send it: fetch would not let us choose the Host. */
function statusOf(headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({ query: documents.viewer });
    request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode));
    })
      .on('error', reject)
      .end(body);
  });
}

describe('a token that is bound to no key', () => {
  it('is refused as DPoP, by whatever key', async () => {
    const bearer = { ...(await signIn(app, person)), key: new DpopKey() };
    expectBadToken(await ask(boundHeaders(app, bearer)));
    expectMe(await ask({ authorization: `Bearer ${bearer.accessToken}` }), bearer.sessionId);
  });

  it('is refused as DPoP too when it is the secret of a cookie', async () => {
    const { client } = await signInWithCookie(app, person);
    const accessToken = client.cookie?.split('=')[1] ?? '';
    expectBadToken(await ask(boundHeaders(app, { ...me, accessToken })));
  });
});

describe('signing in with a proof', () => {
  it('that does not hold begins no session and counts no guess', async () => {
    const key = new DpopKey();
    // What happened before has come to the log by then.
    await expect.poll(async () => (await rows.counts())['public.event_outbox'], { timeout: 10_000 }).toBe(0);
    const before = await rows.counts();
    for (const dpop of [key.proof({ url: 'https://id.attacker.example/graphql', at: app.clock.now() }), 'nonsense', '']) {
      const input = { email: person.email, password: person.password, delivery: 'TOKENS' };
      const answer = await new TestClient(app).send(documents.login, { input }, { dpop });
      expectBadProof(answer);
    }
    expect(await rows.counts()).toEqual(before);
  });

  it('while signed in with the same key takes the proof that came with the token', async () => {
    const input = { email: person.email, password: person.password, delivery: 'TOKENS' };
    const { data, text } = await new TestClient(app).send(documents.login, { input }, boundHeaders(app, me));
    expect(data?.login.__typename, text).toBe('LoginSuccess');
    const { accessToken } = data.login.tokens;
    expectMe(await ask(boundHeaders(app, { ...me, accessToken })), data.login.viewer.session.id);
  });

  it('again with the same proof is a replay', async () => {
    const input = { email: person.email, password: person.password, delivery: 'TOKENS' };
    const dpop = new DpopKey().proof({ url, at: app.clock.now() });
    expect((await new TestClient(app).send(documents.login, { input }, { dpop })).data.login.__typename).toBe('LoginSuccess');
    expectBadProof(await new TestClient(app).send(documents.login, { input }, { dpop }));
  });

  it('for a cookie binds nothing', async () => {
    const input = { email: person.email, password: person.password, delivery: 'COOKIE' };
    const client = new TestClient(app);
    await client.send(documents.login, { input }, { dpop: new DpopKey().proof({ url, at: app.clock.now() }) });
    expect((await client.send('{ viewer { session { isSenderConstrained } } }')).data.viewer.session.isSenderConstrained).toBe(
      false,
    );
  });
});

describe('a refresh token that is bound to a key', () => {
  const refused = { refreshSession: { __typename: 'RefreshTokenInvalidError', code: 'REFRESH_TOKEN_INVALID' } };
  const proofBy = (key: DpopKey) => ({ dpop: key.proof({ url, at: app.clock.now() }) });

  it('is refused without its key and by a swapped one; that is told, and uses up nothing', async () => {
    expect((await refreshBy(me.refreshToken)).data).toEqual(refused);
    expect((await refreshBy(me.refreshToken, proofBy(new DpopKey()))).data).toEqual(refused);
    const told = await rows.query(
      `select 1 from (select type, session_id from event_log union all select type, session_id from event_outbox) as events
       where type = 'refresh_token.key_mismatch' and session_id = $1`,
      [me.sessionId],
    );
    expect(told).toHaveLength(2);
    const { data } = await refreshBy(me.refreshToken, proofBy(me.key));
    expect(data.refreshSession.__typename).toBe('RefreshSessionSuccess');
    const { accessToken } = data.refreshSession.tokens;
    expectMe(await ask(boundHeaders(app, { ...me, accessToken })));
    expectBadToken(await ask({ authorization: `Bearer ${accessToken}` }));
  });

  it('stays bound over generations: the successor wants the same key', async () => {
    const first = await refreshBy(me.refreshToken, proofBy(me.key));
    const { refreshToken } = first.data.refreshSession.tokens;
    expect((await refreshBy(refreshToken, proofBy(new DpopKey()))).data).toEqual(refused);
    // Also within the grace, where the consumed one would give its successor again.
    expect((await refreshBy(me.refreshToken, proofBy(new DpopKey()))).data).toEqual(refused);
    expect((await refreshBy(refreshToken, proofBy(me.key))).data.refreshSession.__typename).toBe('RefreshSessionSuccess');
  });

  it('wants a proof that holds and was not used before', async () => {
    const proof = proofBy(me.key);
    expectMe(await ask(boundHeaders(app, me)));
    expectBadProof(await refreshBy(me.refreshToken, { dpop: 'nonsense' }));
    const { data } = await refreshBy(me.refreshToken, proof);
    expectBadProof(await refreshBy(data.refreshSession.tokens.refreshToken, proof));
  });
});
