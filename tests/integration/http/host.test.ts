import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { currentCorrelationId } from '#platform/observability/correlation.ts';
import { type HostFixture, type HostFixtureOptions, startHost } from './host-fixture.ts';

const started: HostFixture[] = [];
async function host(options?: HostFixtureOptions): Promise<HostFixture> {
  const fixture = await startHost(options);
  started.push(fixture);
  return fixture;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ app }) => app.close()));
});

const json = { 'content-type': 'application/json' };
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('errors', () => {
  const failing = (error: unknown) =>
    host({
      routes: (app) => {
        app.get('/fails', async () => {
          throw error;
        });
        app.post('/echo', async (request) => ({ body: request.body }));
      },
    });

  it('masks what nobody expected and logs it under the same correlation id', async () => {
    const { call, logLines } = await failing(new Error('relation "users" does not exist at postgres://app:hunter2@db/x'));
    const answer = await call('/fails');
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json).toEqual({
      type: 'urn:sallyport:error:INTERNAL_ERROR',
      title: 'Something went wrong on our side.',
      status: 500,
      code: 'INTERNAL_ERROR',
      correlationId: answer.headers['x-request-id'],
    });
    const line = logLines().find(({ level }) => level === 'error');
    expect(line).toMatchObject({ message: 'request failed', correlationId: answer.headers['x-request-id'] });
    expect(JSON.stringify(line)).toContain('relation');
    expect(JSON.stringify(line)).not.toContain('hunter2');
  });

  it.each(['a text', undefined, null, { statusCode: 200, message: 'not an Error' }])(
    'masks %j that was thrown',
    async (thrown) => {
      const { call } = await failing(thrown);
      expect(await call('/fails')).toMatchObject({ status: 500, json: { code: 'INTERNAL_ERROR' } });
    },
  );

  it('tells expected failures with their code, status and Retry-After', async () => {
    const limited = await (await failing(new RateLimitedError(30))).call('/fails');
    expect(limited).toMatchObject({ status: 429, json: { code: 'RATE_LIMITED', retryAfterSeconds: 30 } });
    expect(limited.headers['retry-after']).toBe('30');
    const fields = [{ path: 'input.email', message: 'expects an address' }];
    const cause = new Error('hidden cause');
    const invalid = await (await failing(new InvalidInputError(fields, { cause }))).call('/fails');
    expect(invalid).toMatchObject({ status: 400, json: { code: 'INVALID_INPUT', fields } });
    expect(invalid.text).not.toContain('hidden cause');
  });

  it('answers an unknown path and an undecodable one', async () => {
    const { call } = await host();
    const missing = await call('/nothing/here?token=hunter2');
    expect(missing).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
    expect(missing.text).not.toContain('hunter2');
    const undecodable = await call('/%zz');
    expect(undecodable).toMatchObject({ status: 400, json: { code: 'HTTP_REQUEST_INVALID' } });
    expect(undecodable.headers['x-content-type-options']).toBe('nosniff');
    expect(undecodable.json['correlationId']).toBe(undecodable.headers['x-request-id']);
  });

  it.each([
    [413, 'BODY_TOO_LARGE', json, JSON.stringify({ long: 'x'.repeat(2_000) })],
    [415, 'UNSUPPORTED_MEDIA_TYPE', { 'content-type': 'application/xml' }, '<a/>'],
    [415, 'UNSUPPORTED_MEDIA_TYPE', { 'content-type': 'text/plain' }, '{"a":1}'],
    [400, 'HTTP_REQUEST_INVALID', json, '{"password":"hunter2"'],
    [400, 'HTTP_REQUEST_INVALID', json, '{"__proto__":{"admin":true}}'],
    [400, 'HTTP_REQUEST_INVALID', json, '{"constructor":{"prototype":{"admin":true}}}'],
  ])('refuses a body with %i %s', async (status, code, headers, body) => {
    const { call } = await host({
      environment: { BODY_LIMIT_BYTES: '1024' },
      routes: (app) => app.post('/echo', async (request) => ({ body: request.body })),
    });
    const answer = await call('/echo', { method: 'POST', headers, body });
    expect(answer).toMatchObject({ status, json: { code, status } });
    expect(answer.text).not.toContain('hunter2');
  });

  it('answers bytes that are not HTTP, and closes', async () => {
    const { raw } = await host();
    const answer = await raw('NONSENSE hunter2\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(answer).toContain('HTTP_REQUEST_INVALID');
    expect(answer).not.toContain('hunter2');
  });

  it('keeps no connection of a client that sent nonsense and never hangs up', async () => {
    const { app, port } = await host();
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}).resume();
    socket.write('NONSENSE\r\n\r\n');
    await once(socket, 'end');
    const connections = () => new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(connections, { timeout: 10_000, interval: 50 }).toBe(0);
    socket.destroy();
  });

  it.each(['host: localhost\r\nhost: evil.example', 'Host: localhost\r\nHOST: localhost'])(
    'refuses a request with two Hosts (RFC 9112, 3.2): %j',
    async (hosts) => {
      const { raw } = await host();
      expect(await raw(`GET /health/live HTTP/1.1\r\n${hosts}\r\nconnection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    },
  );

  it('refuses a request whose length is told twice (request smuggling)', async () => {
    const { raw } = await host();
    const answer = await raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    const twice = await raw('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 4\r\n\r\nabcd');
    expect(twice).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('correlation', () => {
  const withRoute = () =>
    host({
      routes: (app) =>
        app.post('/whoami', async () => {
          await null;
          return { id: currentCorrelationId() };
        }),
    });
  const post = { method: 'POST', body: '{"a":1}' };

  it('runs everything under the trace id of the caller, also after the body was read', async () => {
    const { call, logLines } = await withRoute();
    const headers = { ...json, traceparent: `00-${traceId}-00f067aa0ba902b7-01`, 'x-request-id': 'request-0001' };
    const answer = await call('/whoami', { ...post, headers });
    expect(answer.json).toEqual({ id: traceId });
    expect(answer.headers['x-request-id']).toBe(traceId);
    expect(logLines().filter(({ message }) => message === 'request')).toMatchObject([{ correlationId: traceId }]);
  });

  it('takes a well-formed X-Request-Id and replaces a malformed one', async () => {
    const { call } = await withRoute();
    const given = await call('/whoami', { ...post, headers: { ...json, 'x-request-id': 'request-0001' } });
    expect(given.json).toEqual({ id: 'request-0001' });
    const forged = await call('/whoami', { ...post, headers: { ...json, 'x-request-id': '"><script>' } });
    expect(forged.json['id']).toMatch(/^[0-9a-f]{32}$/);
    expect(forged.headers['x-request-id']).toBe(forged.json['id']);
  });

  it('keeps concurrent requests apart', async () => {
    const { call } = await withRoute();
    const ids = Array.from({ length: 20 }, (_, index) => `request-${1000 + index}`);
    const answers = await Promise.all(ids.map((id) => call('/whoami', { ...post, headers: { ...json, 'x-request-id': id } })));
    expect(answers.map((answer) => answer.json['id'])).toEqual(ids);
  });
});

describe('access log', () => {
  it('has one line a request, with the pattern of the route and nothing that the caller wrote', async () => {
    const { call, logLines } = await host({ routes: (app) => app.get('/things/:id', async () => 'ok') });
    logLines();
    const headers = { cookie: 'sid=hunter2', authorization: 'Bearer hunter2-bearer', 'user-agent': 'hunter2-agent' };
    await call('/things/hunter2?token=hunter2', { headers });
    await call('/hunter2-missing');
    const lines = logLines();
    expect(lines).toMatchObject([
      { level: 'info', message: 'request', method: 'GET', route: '/things/:id', status: 200, durationMs: expect.any(Number) },
      { level: 'info', message: 'request', method: 'GET', route: 'unmatched', status: 404 },
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('keeps probes out of the way', async () => {
    const { call, logLines } = await host();
    logLines();
    await call('/health/live');
    expect(logLines()).toMatchObject([{ level: 'debug', route: '/health/live' }]);
  });
});

describe('security headers', () => {
  it.each(['/health/live', '/nothing', '/', '/.well-known/jwks.json'])('stand on %s', async (path) => {
    const { call } = await host();
    const { headers } = await call(path);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    expect(headers['permissions-policy']).toContain('camera=()');
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
  });

  it('demand https where the public URL is https', async () => {
    const { call } = await host({ environment: { PUBLIC_URL: 'https://id.example.org' } });
    const { headers } = await call('/nothing');
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    expect(headers['content-security-policy']).toContain("connect-src 'self' wss://id.example.org;");
  });

  it('can be replaced by one route, and stand on answers written past the framework', async () => {
    const { call } = await host({
      routes: (app) => {
        app.get('/loose', async (_request, reply) => reply.header('content-security-policy', "default-src 'self'").send('ok'));
        app.get('/past', (_request, reply) => {
          reply.hijack();
          reply.raw.end('ok');
        });
      },
    });
    expect((await call('/loose')).headers['content-security-policy']).toBe("default-src 'self'");
    const past = await call('/past');
    expect(past.headers['x-content-type-options']).toBe('nosniff');
    expect(past.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('CORS', () => {
  const environment = { PUBLIC_URL: 'https://id.example.org', ALLOWED_ORIGINS: 'https://app.example.org' };
  const preflight = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };

  it.each(['https://app.example.org', 'https://id.example.org'])('lets %s read', async (origin) => {
    const { call } = await host({ environment, routes: (app) => app.post('/graphql', async () => ({ data: null })) });
    const asked = await call('/graphql', { method: 'OPTIONS', headers: { origin, ...preflight } });
    expect(asked.status).toBe(204);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      vary: 'Origin',
    });
    expect(asked.headers['access-control-allow-headers']).toContain('authorization');
    const answer = await call('/graphql', { method: 'POST', headers: { ...json, origin }, body: '{}' });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'Origin' });
  });

  it.each([
    'https://evil.example',
    'https://app.example.org.evil.example',
    'https://evilapp.example.org',
    'http://app.example.org',
    'https://app.example.org:8443',
    'https://APP.example.org',
    'null',
    '*',
  ])('keeps answers from %s', async (origin) => {
    const { call } = await host({ environment, routes: (app) => app.post('/graphql', async () => ({ data: null })) });
    for (const method of ['OPTIONS', 'POST']) {
      const answer = await call('/graphql', { method, headers: { ...json, origin, ...preflight }, body: '{}' });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
      expect(answer.headers['vary']).toBe('Origin');
    }
  });

  it('covers the key set and the API, nothing else', async () => {
    const { call } = await host({ environment });
    const headers = { origin: 'https://app.example.org' };
    expect((await call('/.well-known/jwks.json', { headers })).headers).toHaveProperty('access-control-allow-origin');
    for (const path of ['/', '/health/ready', '/metrics', '/graphql/x']) {
      expect((await call(path, { headers })).headers).not.toHaveProperty('access-control-allow-origin');
    }
  });
});

describe('another name of this machine', () => {
  const page = { accept: 'text/html,application/xhtml+xml' };
  const environment = { PUBLIC_URL: 'http://localhost:4000' };

  it.each(['127.0.0.1:4000', '[::1]:4000', '127.9.9.9:4000', 'localhost:4001'])(
    'leads a browser from %s to PUBLIC_URL, where its cookie counts',
    async (name) => {
      const { call } = await host({ environment });
      const answer = await call('/setup?a=1', { headers: { ...page, host: name } });
      expect(answer).toMatchObject({ status: 307, headers: { location: 'http://localhost:4000/setup?a=1' } });
    },
  );

  it('leads nobody else anywhere: programs, own and foreign names, targets that are no path, production', async () => {
    const { call, raw } = await host({ environment });
    expect((await call('/nothing', { headers: { host: '127.0.0.1:4000' } })).status).toBe(404);
    expect((await call('/nothing', { headers: { ...page, host: 'localhost:4000' } })).status).toBe(404);
    expect((await call('/nothing', { headers: { ...page, host: 'rebind.evil.example' } })).status).toBe(404);
    expect(
      await raw('GET http://evil.example/ HTTP/1.1\r\nhost: 127.0.0.1:1\r\naccept: text/html\r\nconnection: close\r\n\r\n'),
    ).not.toContain('location:');
    const secrets = {
      DATABASE_URL: 'postgres://x/y',
      MASTER_KEY: Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64url'),
      SMTP_URL: 'smtp://x',
    };
    const production = await host({ environment: { NODE_ENV: 'production', PUBLIC_URL: 'https://id.example.org', ...secrets } });
    expect((await production.call('/nothing', { headers: { ...page, host: '127.0.0.1:4000' } })).status).toBe(404);
  });

  it('is not printed as the address to open', async () => {
    const { logLines } = await host();
    const lines = logLines().filter(({ level }) => level !== 'debug');
    expect(JSON.stringify(lines)).not.toContain('127.0.0.1');
  });
});
