import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { type BoundSession, boundHeaders, DpopKey, type ProofOptions, signInBound } from '#tests/support/dpop.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { startRedis } from '#tests/support/redis-server.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };
let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock() });
  person = await registeredPerson(app);
});
afterAll(() => app.close());

const ask = (on: TestApp, headers: Readonly<Record<string, string>>) =>
  new TestClient(on).send('{ viewer { session { id isSenderConstrained } } }', undefined, headers);

describe('tokens of a sign-in with a proof', () => {
  it.each(['ES256', 'EdDSA'] as const)('say so and name the key, by %s', async (algorithm) => {
    const key = new DpopKey(algorithm);
    const dpop = key.proof({ url: `${app.url}/graphql`, at: app.clock.now() });
    const { data } = await new TestClient(app).send(
      `mutation($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { tokens { accessToken tokenType } viewer { session { id } } } } }`,
      { input: { email: person.email, password: person.password } },
      { dpop },
    );
    const { tokens, viewer } = data.login;
    expect(tokens.tokenType).toBe('DPOP');
    expect(decodeJwt(tokens.accessToken)['cnf']).toEqual({ jkt: key.thumbprint });
    const session = { key, sessionId: viewer.session.id, accessToken: tokens.accessToken, refreshToken: '' };
    const answer = await ask(app, boundHeaders(app, session));
    expect(answer.data.viewer.session).toEqual({ id: viewer.session.id, isSenderConstrained: true });
    expect(answer.headers.get('dpop-nonce')).toBeNull();
  });

  it('also go with a query by GET, whose proof is one for GET', async () => {
    const me = await signInBound(app, person);
    const get = async (method: string) => {
      const headers = { ...boundHeaders(app, me, { method }), 'graphql-require-preflight': '1' };
      return (await fetch(`${app.url}/graphql?query=${encodeURIComponent('{ viewer { session { id } } }')}`, { headers })).status;
    };
    expect(await get('GET')).toBe(200);
    expect(await get('POST')).toBe(401);
  });

  it('are bearer tokens without a proof, and a proof at refresh binds nothing afterwards', async () => {
    const { accessToken, refreshToken } = await signIn(app, person);
    expect(decodeJwt(accessToken)['cnf']).toBeUndefined();
    const dpop = new DpopKey().proof({ url: `${app.url}/graphql`, at: app.clock.now() });
    const { data } = await new TestClient(app).send(
      `mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { ... on RefreshSessionSuccess { tokens { accessToken tokenType } } } }`,
      { input: { refreshToken } },
      { dpop },
    );
    expect(data.refreshSession.tokens.tokenType).toBe('BEARER');
  });

  it('let a page of an allowed origin send proofs and read nonces', async () => {
    const preflight = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: app.url,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,dpop,content-type',
      },
    });
    expect(preflight.headers.get('access-control-allow-headers')).toContain('dpop');
    expect(preflight.headers.get('access-control-expose-headers')).toContain('dpop-nonce');
  });
});

function socketOf(on: TestApp, session: BoundSession, change: Partial<ProofOptions> = {}, params: Record<string, unknown> = {}) {
  const { key, accessToken } = session;
  const dpop = key.proof({ method: 'GET', url: `${on.url}/graphql`, at: on.clock.now(), accessToken, ...change });
  const client = new TestClient(on);
  client.connectionParams = { authorization: `DPoP ${accessToken}`, dpop, ...params };
  return watch(client, { after: '0' });
}

describe('a WebSocket by a bound token', () => {
  it('is opened by a proof in connection_init and lives as long as the session', async () => {
    const me = await signInBound(app, person);
    const socket = socketOf(app, me);
    await expect.poll(() => socket.types(), patience).toContain('login.succeeded');
    await new TestClient(app).send(documents.logout, undefined, boundHeaders(app, me));
    await expect.poll(() => socket.closed.map(({ code }) => code), patience).toEqual([4401]);
  });

  it.each<[string, Partial<ProofOptions>, Record<string, unknown>]>([
    ['no proof', {}, { dpop: undefined }],
    ['a proof that is no text', {}, { dpop: { alg: 'none' } }],
    ['a proof for POST', { method: 'POST' }, {}],
    ['a proof without the token’s hash', { claims: { ath: undefined } }, {}],
    ['a proof by another key', { header: { jwk: new DpopKey().jwk } }, {}],
  ])('is closed with 4401 for %s', async (_, change, params) => {
    const socket = socketOf(app, await signInBound(app, person), change, params);
    await expect.poll(() => socket.closed.map(({ code }) => code), patience).toEqual([4401]);
    expect(socket.events).toEqual([]);
  });

  it('is closed with 4401 for a proof that opened another one, and for the token as Bearer', async () => {
    const me = await signInBound(app, person);
    const dpop = me.key.proof({ method: 'GET', url: `${app.url}/graphql`, at: app.clock.now(), accessToken: me.accessToken });
    const first = socketOf(app, me, {}, { dpop });
    await expect.poll(() => first.types(), patience).toContain('login.succeeded');
    const replayed = socketOf(app, me, {}, { dpop });
    const downgraded = socketOf(app, me, {}, { authorization: `Bearer ${me.accessToken}` });
    for (const socket of [replayed, downgraded])
      await expect.poll(() => socket.closed.map(({ code }) => code), patience).toEqual([4401]);
    await first.stop();
  });
});

describe('where nonces are demanded', () => {
  it('each proof needs one of the last two minutes; the answer to one without tells it, over HTTP and WebSocket', async () => {
    const strict = await makeTestApp({ besides: app, env: { DPOP_NONCE_REQUIRED: 'true' } });
    try {
      const input = { email: person.email, password: person.password };
      const key = new DpopKey();
      const proof = (nonce?: string) =>
        key.proof({ url: `${strict.url}/graphql`, at: strict.clock.now(), ...(nonce === undefined ? {} : { nonce }) });
      const refused = await new TestClient(strict).send(documents.login, { input }, { dpop: proof() });
      expect(refused.status).toBe(401);
      expect(refused.errors?.[0]?.extensions['code']).toBe('DPOP_NONCE_REQUIRED');
      expect(refused.headers.get('www-authenticate')).toBe('DPoP error="use_dpop_nonce", algs="ES256 EdDSA"');
      const nonce = refused.headers.get('dpop-nonce') ?? '';

      const me = await signInBound(strict, person, key, nonce);
      expect((await ask(strict, boundHeaders(strict, me))).errors?.[0]?.extensions['code']).toBe('DPOP_NONCE_REQUIRED');
      expect((await ask(strict, boundHeaders(strict, me, { nonce }))).status).toBe(200);
      strict.clock.advance(60);
      const served = await ask(strict, boundHeaders(strict, me, { nonce }));
      expect(served.status).toBe(200);
      // RFC 9449, 8.2: the next one comes with the answer.
      const next = served.headers.get('dpop-nonce') ?? '';
      expect(next).not.toBe(nonce);
      strict.clock.advance(60);
      expect((await ask(strict, boundHeaders(strict, me, { nonce }))).errors?.[0]?.extensions['code']).toBe(
        'DPOP_NONCE_REQUIRED',
      );
      expect((await ask(strict, boundHeaders(strict, me, { nonce: next }))).status).toBe(200);

      const socket = socketOf(strict, me);
      await expect.poll(() => socket.closed, patience).toHaveLength(1);
      const [{ code, reason } = { code: 0, reason: '' }] = socket.closed;
      expect([code, reason]).toEqual([4401, expect.stringMatching(/^use_dpop_nonce \S{24}$/)]);
      const reopened = socketOf(strict, me, { nonce: reason.split(' ')[1] ?? '' });
      await expect.poll(() => reopened.types(), patience).toContain('login.succeeded');
      await reopened.stop();
      // Whoever brings no proof is not asked for a nonce.
      expect((await new TestClient(strict).send(documents.viewer)).headers.get('dpop-nonce')).toBeNull();
    } finally {
      await strict.close();
    }
  });
});

describe('two nodes behind one public URL', () => {
  it('refuse at the one what was used at the other, as long as there is a Redis; each goes on by itself without', async () => {
    const redis = await startRedis();
    if (!redis) throw new Error('this machine has no redis-server');
    const env = { REDIS_URL: redis.url, PUBLIC_URL: 'http://id.example.org' };
    const here = await makeTestApp({ besides: app, env });
    const there = await makeTestApp({ besides: app, env });
    try {
      const url = 'http://id.example.org/graphql';
      const me = await signInBound(here, person, new DpopKey(), undefined, url);
      const used = boundHeaders(here, me, { url });
      expect((await ask(here, used)).status).toBe(200);
      expect((await ask(there, used)).errors?.[0]?.extensions['code']).toBe('DPOP_PROOF_INVALID');
      expect((await ask(there, boundHeaders(there, me, { url }))).status).toBe(200);

      await redis.stop();
      const alone = boundHeaders(here, me, { url });
      expect((await ask(here, alone)).status).toBe(200);
      expect((await ask(here, alone)).errors?.[0]?.extensions['code']).toBe('DPOP_PROOF_INVALID');
      // What was used before Redis went away is still known where it was used.
      expect((await ask(here, used)).errors?.[0]?.extensions['code']).toBe('DPOP_PROOF_INVALID');
    } finally {
      await here.close();
      await there.close();
    }
  });
});
