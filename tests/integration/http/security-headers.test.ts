import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { ask, handshake, post, type RawAnswer, request } from '#tests/support/raw-http.ts';

const publicUrl = 'https://id.example.org';

let app: TestApp;
/** Reached by https behind a proxy, as far as it knows. */
let published: TestApp;
const load = { lagMs: 0 };
beforeAll(async () => {
  app = await makeTestApp({
    env: { BODY_LIMIT_BYTES: '1024' },
    eventLoopLag: { readMs: () => load.lagMs, stop: () => undefined },
  });
  published = await makeTestApp({ besides: app, env: { PUBLIC_URL: publicUrl, GRAPHIQL: 'false' } });
});
afterAll(async () => {
  await published?.close();
  await app?.close();
});

const doors: readonly (readonly [door: string, status: number, bytes: string])[] = [
  ['GraphQL, an answer', 200, post('{"query":"{ viewer { user { id } } }"}')],
  ['GraphQL, a refused document', 400, post('{"query":"{ nothing }"}', { accept: 'application/graphql-response+json' })],
  ['GraphQL, a bad credential', 401, post('{"query":"{ viewer { user { id } } }"}', { authorization: 'Bearer x' })],
  [
    'GraphQL, a preflight',
    204,
    request('OPTIONS', '/graphql', { origin: 'https://a.example', 'access-control-request-method': 'POST' }),
  ],
  ['GraphQL, another media type', 415, post('x=1', { 'content-type': 'application/x-www-form-urlencoded' })],
  ['GraphQL, a large body', 413, post('x'.repeat(2_000))],
  ['GraphQL, an answer that is not wanted', 406, post('{"query":"{ viewer { user { id } } }"}', { accept: 'image/png' })],
  ['GraphiQL', 200, request('GET', '/graphql', { accept: 'text/html', host: 'id.example.test' })],
  ['a page', 200, request('GET', '/')],
  ['the mailbox page', 200, request('GET', '/dev/mailbox')],
  ['the mailbox', 200, request('GET', '/dev/mailbox.json')],
  ['liveness', 200, request('GET', '/health/live')],
  ['readiness', 200, request('GET', '/health/ready')],
  ['metrics', 200, request('GET', '/metrics')],
  ['metrics, refused', 403, request('GET', '/metrics', { 'x-forwarded-for': '203.0.113.7' })],
  ['the key set', 200, request('GET', '/.well-known/jwks.json')],
  ['a path that is not there', 404, request('GET', '/nothing')],
  ['a path that can not be read', 400, request('GET', '/%zz')],
  ['a method that is not there', 404, request('DELETE', '/graphql')],
  ['what is no HTTP', 400, 'NONSENSE\r\n\r\n'],
  ['header fields that are too large', 431, request('GET', '/', { cookie: 'x'.repeat(20_000) })],
  ['an upgrade elsewhere', 404, handshake('/other')],
  ['an upgrade from a foreign page', 403, handshake('/graphql', { origin: 'https://attacker.example' })],
  ['an upgrade that is malformed', 400, handshake('/graphql', { 'sec-websocket-key': 'short' })],
];

const always = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
};

function expectProtected({ headers }: RawAnswer): void {
  expect(headers).toMatchObject(always);
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; script-src .*base-uri 'none'; frame-ancestors 'none'$/,
  );
  expect(headers['content-security-policy']).not.toMatch(/unsafe-eval|\*|(script-src|style-src) [^;]*unsafe/);
  expect(headers['permissions-policy']).toMatch(/camera=\(\).*microphone=\(\)/);
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('server');
}

describe('the security headers stand on every answer of every door', () => {
  it.each(doors)('%s (%i)', async (_door, status, bytes) => {
    const answer = await ask(app.url, bytes);
    expect(answer.status).toBe(status);
    expectProtected(answer);
    expect(answer.headers).not.toHaveProperty('strict-transport-security');
    if (status >= 400 && answer.headers['content-type'] === 'application/problem+json')
      expect(JSON.parse(answer.body)).toMatchObject({ status, code: expect.stringMatching(/^[A-Z_]+$/) });
  });

  it.each(doors)('with HSTS where the public URL is https: %s', async (_door, _status, bytes) => {
    const { headers } = await ask(published.url, bytes);
    expect(headers).toMatchObject({ ...always, 'strict-transport-security': 'max-age=63072000; includeSubDomains' });
  });
});

describe('load shedding', () => {
  const overloaded = { status: 503, headers: { 'retry-after': '2', 'content-type': 'application/problem+json' } };

  it('refuses new work before it begins while the event loop is late, and probes go on', async () => {
    load.lagMs = 1_001;
    const lines = app.logs.length;
    try {
      const answer = await ask(app.url, post('{"query":"{ viewer { user { id } } }"}', { authorization: 'Bearer x' }));
      expect(answer).toMatchObject(overloaded);
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 2 });
      expectProtected(answer);
      expect(await ask(app.url, handshake('/graphql'))).toMatchObject(overloaded);
      expect((await ask(app.url, request('GET', '/health/live'))).status).toBe(200);
      // Readiness asks its checks once a second.
      app.clock.advance(1);
      expect((await ask(app.url, request('GET', '/health/ready'))).status).toBe(503);
      expect((await ask(app.url, request('GET', '/metrics'))).status).toBe(200);
    } finally {
      load.lagMs = 0;
    }
    expect((await ask(app.url, post('{"query":"{ viewer { user { id } } }"}'))).status).toBe(200);
    // Told once when it begins and once when it ends, however many were refused.
    const told = app.logs.slice(lines).filter(({ message }) => /new requests/.test(message));
    expect(told.map(({ level }) => level)).toEqual(['warn', 'info']);
  });
});
