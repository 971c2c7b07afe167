import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { openTestRedis } from '#tests/support/redis-connection.ts';
import { freePort, startRedis } from '#tests/support/redis-server.ts';

const patience = { timeout: 10_000, interval: 20 };
const certificates = join(import.meta.dirname, '../../support/redis-tls');
const authority = join(certificates, 'authority.pem');

const mayDo = [
  '~sallyport:*',
  '&sallyport:*',
  '-@all',
  '+@connection',
  '+@string',
  '+@scripting',
  '+publish',
  '+subscribe',
  '+del',
  '+info',
];
const guarded = await startRedis(['--user', 'app', 'on', '>swordfish-right', ...mayDo]);
const tlsPort = await freePort();
// Some builds know no TLS.
const tls =
  guarded &&
  (await startRedis([
    ...['--tls-port', String(tlsPort), '--tls-auth-clients', 'no', '--tls-ca-cert-file', authority],
    ...['--tls-cert-file', join(certificates, 'server.pem'), '--tls-key-file', join(certificates, 'server.key')],
  ]).catch(() => null));
afterAll(() => Promise.all([guarded?.stop(), tls?.stop()]));

function recordedLog() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (data) => {
    text += String(data);
  });
  return { logger: createLogger({ level: 'debug', format: 'json', stream }), text: () => text };
}

describe.skipIf(!guarded)('a Redis that asks who comes', () => {
  const url = (password: string) => `redis://app:${password}@127.0.0.1:${guarded?.port}`;

  it('lets in who may do what production.md says, and no more than that is needed', async () => {
    const redis = await openTestRedis({ REDIS_URL: url('swordfish-right') });
    let healthy = false;
    const heard: string[] = [];
    redis.subscribe('news', { onMessage: (message) => heard.push(message), onHealth: (now) => (healthy = now) });
    await expect.poll(() => healthy, patience).toBe(true);
    await redis.publish('news', 'hello');
    await expect.poll(() => heard, patience).toEqual(['hello']);
    expect(await redis.run((client) => client.set('key', 'value'))).toBe('OK');
    expect(await redis.run((client) => client.eval("return redis.call('del', KEYS[1])", 1, 'key'))).toBe(1);
    redis.close();
  });

  it('refuses another password: it is away then, and no line tells the password', async () => {
    const log = recordedLog();
    const redis = await openTestRedis({ REDIS_URL: url('swordfish-wrong') }, { logger: log.logger, connected: false });
    await expect.poll(log.text, patience).toContain('Redis is away');
    await expect(redis.run((client) => client.ping())).rejects.toThrow();
    expect(redis.isConnected()).toBe(false);
    expect(log.text()).not.toContain('swordfish');
    redis.close();
  });
});

describe.skipIf(!tls)('a Redis behind TLS', () => {
  const env = { REDIS_URL: `rediss://localhost:${tlsPort}` };

  it('is used when the authority that REDIS_CA_FILE names vouches for it, for subscriptions too', async () => {
    const redis = await openTestRedis({ ...env, REDIS_CA_FILE: authority });
    expect(await redis.run((client) => client.ping())).toBe('PONG');
    let healthy = false;
    redis.subscribe('news', { onMessage: () => {}, onHealth: (now) => (healthy = now) });
    await expect.poll(() => healthy, patience).toBe(true);
    redis.close();
  });

  it('is away when nobody vouches for it: nothing is sent to whoever answers there', async () => {
    const log = recordedLog();
    const redis = await openTestRedis(env, { logger: log.logger, connected: false });
    await expect.poll(log.text, patience).toContain('Redis is away');
    await expect(redis.run((client) => client.ping())).rejects.toThrow();
    redis.close();
  });

  it('stops the start when the file of authorities is not there', async () => {
    await expect(openTestRedis({ ...env, REDIS_CA_FILE: '/nonexistent/ca.pem' })).rejects.toThrow('REDIS_CA_FILE');
  });
});
