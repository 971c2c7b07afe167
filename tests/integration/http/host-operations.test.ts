import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createDrainState } from '#transport/http/drain-state.ts';
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

describe('health', () => {
  it('is ready when every check passes, and says what is not configured', async () => {
    const { call } = await host({ readiness: { database: async () => {}, redis: 'not configured' } });
    const answer = await call('/health/ready');
    expect(answer).toMatchObject({
      status: 200,
      json: { status: 'ready', checks: { database: 'ok', redis: 'not configured', eventLoop: 'ok' } },
    });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('is not ready when one fails; tells which, never why, and logs why once', async () => {
    let failing = true;
    const database = async () => {
      if (failing) throw new Error('password authentication failed for postgres://app:hunter2@db');
    };
    const { call, logLines, advance } = await host({ readiness: { database, migrations: async () => {} } });
    const answer = await call('/health/ready');
    expect(answer).toMatchObject({
      status: 503,
      json: { status: 'not ready', checks: { database: 'failed', migrations: 'ok' } },
    });
    expect(answer.text).not.toMatch(/password|hunter2/);
    advance(1_000);
    await call('/health/ready');
    const warnings = logLines().filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([{ check: 'database', outcome: 'failed' }]);
    expect(JSON.stringify(warnings)).toContain('authentication failed');
    expect(JSON.stringify(warnings)).not.toContain('hunter2');
    failing = false;
    advance(1_000);
    expect((await call('/health/ready')).status).toBe(200);
    expect((await call('/health/live')).json).toEqual({ status: 'live' });
  });

  it('is ready without what it can serve without, and says that it is away', async () => {
    const redis = { optional: () => Promise.reject(new Error('connection refused')) };
    const { call, logLines } = await host({ readiness: { database: async () => {}, redis } });
    expect(await call('/health/ready')).toMatchObject({
      status: 200,
      json: { status: 'ready', checks: { database: 'ok', redis: 'failed' } },
    });
    expect(logLines().filter(({ level }) => level === 'warn')).toMatchObject([{ check: 'redis', outcome: 'failed' }]);
  });

  it('survives a check that throws at once', async () => {
    const database = (): Promise<void> => {
      throw new Error('broken');
    };
    const { call } = await host({ readiness: { database } });
    expect(await call('/health/ready')).toMatchObject({ status: 503, json: { checks: { database: 'failed' } } });
  });

  it('bothers the dependencies once a second, however often somebody asks', async () => {
    let asked = 0;
    const database = async () => {
      asked += 1;
    };
    const { call, advance } = await host({ readiness: { database } });
    await Promise.all(Array.from({ length: 10 }, () => call('/health/ready')));
    expect(asked).toBe(1);
    advance(1_000);
    await call('/health/ready');
    expect(asked).toBe(2);
  });

  it('is not ready while the event loop is late or the node drains', async () => {
    const late = await host({ eventLoopLag: { readMs: () => 501, stop: () => {} } });
    expect(await late.call('/health/ready')).toMatchObject({ status: 503, json: { checks: { eventLoop: 'failed' } } });
    const drainState = createDrainState();
    const draining = await host({ drainState });
    expect((await draining.call('/health/ready')).status).toBe(200);
    drainState.begin();
    const answer = await draining.call('/health/ready');
    expect(answer).toMatchObject({ status: 503, json: { status: 'draining' } });
    expect(answer.headers.connection).toBe('close');
    expect((await draining.call('/health/live')).status).toBe(200);
  });
});

describe('metrics', () => {
  const token = 'metrics-token-of-some-length';

  it('answers this machine when no token is set', async () => {
    const { call } = await host();
    await call('/health/live');
    const answer = await call('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.text).toMatch(
      /http_request_duration_seconds_count\{.*method="GET",route="\/health\/live",status_class="2xx".*\} 1/,
    );
  });

  it.each([
    { 'x-forwarded-for': '203.0.113.7' },
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
  ])('refuses what came through a proxy on this machine: %j', async (headers) => {
    const { call } = await host({ environment: { TRUST_PROXY: 'loopback' } });
    expect(await call('/metrics', { headers })).toMatchObject({ status: 403, json: { code: 'FORBIDDEN' } });
  });

  it.each(['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::1', '10.0.0.1'])(
    'is not opened to %s by a spoofed X-Forwarded-For, even where proxies are trusted',
    async (remoteAddress) => {
      const { app } = await host({ environment: { TRUST_PROXY: '203.0.113.0/24,10.0.0.0/8,2001:db8::/32' } });
      for (const headers of [{}, { 'x-forwarded-for': '127.0.0.1' }, { 'x-forwarded-for': '::1', forwarded: 'for=127.0.0.1' }]) {
        const answer = await app.inject({ url: '/metrics', remoteAddress, headers });
        expect(answer.statusCode).toBe(403);
      }
    },
  );

  it.each(['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1'])('knows %s as this machine', async (remoteAddress) => {
    const { app } = await host();
    expect((await app.inject({ url: '/metrics', remoteAddress })).statusCode).toBe(200);
  });

  it('answers the bearer of the token alone, wherever from', async () => {
    const { call } = await host({ environment: { METRICS_TOKEN: token } });
    expect((await call('/metrics', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    for (const authorization of [
      undefined,
      'Bearer',
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      `Basic ${token}`,
      token,
    ]) {
      const answer = await call('/metrics', authorization === undefined ? {} : { headers: { authorization } });
      expect(answer).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
      expect(answer.headers['www-authenticate']).toContain('Bearer');
    }
  });

  it('does not let callers invent series', async () => {
    const metrics = createMetrics({ processMetrics: false });
    const { call } = await host({ metrics });
    for (const path of ['/a', '/b', '/c?d=e']) await call(path);
    const { text } = await metrics.collect();
    expect(text.match(/http_request_duration_seconds_count\{/g)).toHaveLength(1);
    expect(text).toContain('route="unmatched"');
  });
});

describe('key set', () => {
  it('is cacheable and answers a known version with 304', async () => {
    let keys = [{ kid: 'one' }];
    const { call } = await host({ jwks: async () => ({ keys }) });
    const first = await call('/.well-known/jwks.json');
    expect(first).toMatchObject({ status: 200, json: { keys } });
    expect(first.headers['content-type']).toBe('application/jwk-set+json');
    expect(first.headers['cache-control']).toBe('public, max-age=300, stale-while-revalidate=150');
    const etag = first.headers.etag ?? '';
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await call('/.well-known/jwks.json', { headers: { 'if-none-match': known } });
      expect(again).toMatchObject({ status: 304, text: '' });
      expect(again.headers.etag).toBe(etag);
      expect(again.headers['cache-control']).toBe(first.headers['cache-control']);
    }
    keys = [{ kid: 'two' }];
    const changed = await call('/.well-known/jwks.json', { headers: { 'if-none-match': etag } });
    expect(changed).toMatchObject({ status: 200, json: { keys: [{ kid: 'two' }] } });
  });

  it('is kept for less than a new key waits before it signs', async () => {
    const { call } = await host({ environment: { SIGNING_KEY_OVERLAP_SECONDS: '60' } });
    expect((await call('/.well-known/jwks.json')).headers['cache-control']).toBe('public, max-age=30, stale-while-revalidate=15');
  });
});

describe('pages', () => {
  let folder: string | undefined;
  afterEach(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  it('are served with the hashed files kept for ever', async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-pages-'));
    const dist = join(folder, 'dist');
    mkdirSync(join(dist, 'assets'), { recursive: true });
    writeFileSync(join(dist, 'index.html'), '<!doctype html><title>built</title>');
    writeFileSync(join(dist, 'assets', 'index-a1b2c3.js'), 'export {};');
    writeFileSync(join(folder, 'outside.txt'), 'hunter2');
    const { call } = await host({ pagesFolder: dist });
    for (const path of ['/', '/verify-email', '/reset-password', '/setup', '/setup?x=y']) {
      const page = await call(path);
      expect(page).toMatchObject({ status: 200, text: '<!doctype html><title>built</title>' });
      expect(page.headers['content-type']).toContain('text/html');
      expect(page.headers['cache-control']).toBe('no-cache');
    }
    const page = await call('/');
    const script = await call('/assets/index-a1b2c3.js');
    expect(script.headers['content-type']).toContain('javascript');
    expect(script.headers['cache-control']).toContain('immutable');
    for (const path of ['/', '/assets/index-a1b2c3.js']) {
      const { etag = '', 'cache-control': kept } = (await call(path)).headers;
      const again = await call(path, { headers: { 'if-none-match': etag } });
      expect(again).toMatchObject({ status: 304, text: '', headers: { etag, 'cache-control': kept } });
    }
    writeFileSync(join(dist, 'index.html'), '<!doctype html><title>built anew</title>');
    const changed = await call('/', { headers: { 'if-none-match': page.headers.etag ?? '' } });
    expect(changed).toMatchObject({ status: 200, text: '<!doctype html><title>built anew</title>' });
    for (const path of [
      '/../outside.txt',
      '/assets/../../outside.txt',
      '/%2e%2e/outside.txt',
      '/assets/..%2f..%2foutside.txt',
      '/assets/',
    ]) {
      const answer = await call(path);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('hunter2');
    }
  });

  it('say so when they are not built', async () => {
    const { call } = await host();
    expect(await call('/')).toMatchObject({ status: 503, text: expect.stringContaining('npm run build') });
  });
});
