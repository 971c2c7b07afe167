import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { loadConfig, type RawEnvironment, withPort } from './load.ts';

const masterKey = Buffer.from(Array.from({ length: 32 }, (_, index) => index * 7 + 1)).toString('base64url');

const production: RawEnvironment = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://app:correct-horse@db.internal:5432/sallyport',
  MASTER_KEY: masterKey,
  PUBLIC_URL: 'https://id.example.org',
  SMTP_URL: 'smtps://mailer:battery-staple@mail.internal:465',
};

function problemsOf(environment: RawEnvironment): Record<string, string> {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map(({ variable, expects }) => [variable, expects]));
    throw error;
  }
  return {};
}

function messageOf(environment: RawEnvironment): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return `${error.message} ${error.remedy} ${error.stack} ${inspect(error, { depth: 9 })}`;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('loadConfig', () => {
  it('starts a development deployment from an empty environment', () => {
    const config = loadConfig({});
    expect(config.profile).toBe('development');
    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 4000, publicUrlDerived: true, trustProxy: [] });
    expect(config.http.publicUrl.origin).toBe('http://localhost:4000');
    expect(config.http.allowedOrigins).toEqual(['http://localhost:4000']);
    expect(config.tokens).toMatchObject({ issuer: 'http://localhost:4000', audience: 'http://localhost:4000' });
    expect(config.database.url).toBeUndefined();
    expect(config.masterKey).toBeUndefined();
    expect(config.graphql).toMatchObject({ graphiql: true, introspection: true, registeredOperationsOnly: false });
    expect(config.log).toEqual({ level: 'info', format: 'pretty' });
    expect(config.passwords).toMatchObject({ memoryKib: 19_456, iterations: 2, parallelism: 1 });
  });

  it('turns them off where only registered operations are answered, and lets nobody turn GraphiQL on', () => {
    const only = { REGISTERED_OPERATIONS_ONLY: 'true' };
    expect(loadConfig(only).graphql).toMatchObject({ graphiql: false, introspection: false, registeredOperationsOnly: true });
    expect(loadConfig({ ...only, INTROSPECTION: 'true' }).graphql).toMatchObject({ introspection: true });
    expect(() => loadConfig({ ...only, GRAPHIQL: 'true' })).toThrow('GRAPHIQL: got "true"');
  });

  it('turns the conveniences off in production', () => {
    const config = loadConfig(production);
    expect(config.graphql).toMatchObject({ graphiql: false, introspection: false, registeredOperationsOnly: false });
    expect(config.log.format).toBe('json');
    expect(config.http.host).toBe('0.0.0.0');
    expect(config.sessions.cookieSecure).toBe(true);
    expect(config.masterKey?.reveal()).toEqual(Buffer.from(masterKey, 'base64url'));
  });

  it('names every variable that production demands, at once', () => {
    expect(Object.keys(problemsOf({ NODE_ENV: 'production' })).sort()).toEqual([
      'DATABASE_URL',
      'MASTER_KEY',
      'PUBLIC_URL',
      'SMTP_URL',
    ]);
  });

  it('counts an empty value as not set', () => {
    expect(problemsOf({ ...production, MASTER_KEY: '', SMTP_URL: '  ' })).toHaveProperty('MASTER_KEY');
    expect(loadConfig({ PORT: '', LOG_LEVEL: ' ' }).http.port).toBe(4000);
  });

  it('lists syntax errors and broken rules together, a line each', () => {
    const environment = {
      ...production,
      PORT: 'eighty',
      LOG_LEVEL: 'loud',
      COOKIE_SECURE: 'false',
      PUBLIC_URL: 'http://id.example.org',
    };
    expect(Object.keys(problemsOf(environment)).sort()).toEqual(['COOKIE_SECURE', 'LOG_LEVEL', 'PORT', 'PUBLIC_URL']);
    const message = messageOf(environment);
    expect(message).toContain('PORT: got "eighty"; expects a whole number from 0 to 65535');
    expect(message).toContain('LOG_LEVEL: got "loud"; expects one of error, warn, info, debug, silent');
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '0x50'],
    ['PORT', '4e3'],
    ['PORT', '80.5'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', '0'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', 'Infinity'],
    ['PUBLIC_URL', 'https://id.example.org/path'],
    ['PUBLIC_URL', 'https://user:pass@id.example.org'],
    ['PUBLIC_URL', 'javascript:alert(1)'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://a.example.org,null'],
    ['ALLOWED_ORIGINS', 'https://*.example.org'],
    ['ALLOWED_ORIGINS', 'https://a.example.org/x'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', '::/0'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.0/8/8'],
    ['DATABASE_URL', 'mysql://db/x'],
    ['REDIS_URL', 'http://redis'],
    ['REDIS_URL', 'redis+sentinel://sentinel'],
    ['REDIS_URLS', 'redis://a,rediss://b'],
    ['REDIS_CA_FILE', '/etc/ssl/redis.pem'],
    ['REDIS_NAMESPACE', 'a{b}'],
    ['REDIS_COMMAND_TIMEOUT_MS', '0'],
    ['MASTER_KEY', 'short'],
    ['MAIL_FROM', 'Eve <eve@example.org>\r\nBcc: all@example.org'],
    ['METRICS_TOKEN', 'short'],
    ['COOKIE_SECURE', 'perhaps'],
  ])('refuses %s=%s', (name, value) => {
    expect(Object.keys(problemsOf({ [name]: value }))).toEqual([name]);
  });

  it.each([
    ['TRUST_PROXY', '10.0.0.0/8, ::1,loopback'],
    ['ALLOWED_ORIGINS', 'https://a.example.org, http://localhost:5173/'],
    ['PUBLIC_URL', 'https://id.example.org/'],
    ['DATABASE_URL', 'postgresql:///sallyport?host=/var/run/postgresql'],
    ['MAIL_FROM', 'no-reply@example.org'],
  ])('accepts %s=%s', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual({});
  });

  it('refuses in production what is safe only elsewhere', () => {
    expect(problemsOf({ ...production, MASTER_KEY: 'A'.repeat(43) })).toHaveProperty('MASTER_KEY');
    expect(problemsOf({ ...production, ARGON2_MEMORY_KIB: '8' })).toHaveProperty('ARGON2_MEMORY_KIB');
    expect(problemsOf({ ...production, ARGON2_ITERATIONS: '1' })).toHaveProperty('ARGON2_MEMORY_KIB');
    expect(problemsOf({ MASTER_KEY: 'A'.repeat(43), ARGON2_MEMORY_KIB: '8', COOKIE_SECURE: 'false' })).toEqual({});
  });

  it('refuses two settings for one Redis', () => {
    expect(problemsOf({ REDIS_URL: 'redis://a', REDIS_URLS: 'redis://b' })).toHaveProperty('REDIS_URLS');
  });

  it('reads where Redis is', () => {
    expect(loadConfig({}).redis).toBeUndefined();
    const cluster = loadConfig({ REDIS_URLS: 'rediss://:swordfish@a,rediss://b', REDIS_CA_FILE: '/etc/ssl/redis.pem' }).redis;
    expect(cluster).toMatchObject({ caFile: '/etc/ssl/redis.pem', namespace: 'sallyport', commandTimeoutMs: 500 });
    expect(cluster?.servers.reveal()).toMatchObject({ topology: 'cluster', password: 'swordfish' });
  });

  it('asks for the keys of a hosted challenge, and for none of a challenge of its own', () => {
    expect(problemsOf({ CHALLENGE_PROVIDER: 'turnstile' })).toHaveProperty('CHALLENGE_SITE_KEY');
    expect(problemsOf({ CHALLENGE_PROVIDER: 'hcaptcha', CHALLENGE_SITE_KEY: 'x' })).toHaveProperty('CHALLENGE_SECRET');
    expect(problemsOf({ CHALLENGE_PROVIDER: 'hcaptcha', CHALLENGE_SITE_KEY: 'x', CHALLENGE_SECRET: 'y' })).toEqual({});
    expect(problemsOf({ CHALLENGE_PROVIDER: 'altcha' })).toEqual({});
  });

  it('lets tests sign in as often as they like, and nobody else', () => {
    expect(
      [loadConfig({}), loadConfig({ NODE_ENV: 'test' }), loadConfig({ RATE_LIMIT_PERCENT: '50' })].map(
        ({ limits }) => limits.factor,
      ),
    ).toEqual([1, 10_000, 0.5]);
  });

  it('refuses durations that contradict each other', () => {
    expect(problemsOf({ SESSION_IDLE_TIMEOUT_SECONDS: '7200', SESSION_ABSOLUTE_TIMEOUT_SECONDS: '3600' })).toHaveProperty(
      'SESSION_IDLE_TIMEOUT_SECONDS',
    );
    expect(problemsOf({ SIGNING_KEY_LIFETIME_SECONDS: '3600', SIGNING_KEY_OVERLAP_SECONDS: '3600' })).toHaveProperty(
      'SIGNING_KEY_OVERLAP_SECONDS',
    );
    expect(problemsOf({ ARGON2_PARALLELISM: '4', ARGON2_MEMORY_KIB: '16' })).toHaveProperty('ARGON2_MEMORY_KIB');
  });

  it('never echoes a secret, neither a wrong one nor one beside another mistake', () => {
    const secrets = {
      DATABASE_URL: 'mysql://app:hunter2-database@db',
      REDIS_URL: 'http://:hunter2-redis@cache',
      REDIS_URLS: 'redis://:hunter2-cluster@a,rediss://b',
      SMTP_URL: 'ftp://mailer:hunter2-mail@mail',
      MASTER_KEY: 'hunter2-master-key',
      METRICS_TOKEN: 'hunter2',
      PUBLIC_URL: 'https://admin:hunter2-public@id.example.org',
    };
    const message = messageOf({ NODE_ENV: 'production', PORT: 'x', ...secrets });
    for (const name of Object.keys(secrets)) expect(message).toContain(name);
    expect(message).not.toContain('hunter2');
    const misplaced = messageOf({ ...production, PORT: 'postgres://app:hunter2@db/x' });
    expect(misplaced).not.toContain('hunter2');
    expect(misplaced).not.toMatch(/correct-horse|battery-staple/);
    expect(misplaced).not.toContain(masterKey);
  });

  it('holds secrets so that printing the configuration shows none', () => {
    const config = loadConfig({ ...production, REDIS_URL: 'redis://:swordfish@cache', METRICS_TOKEN: 'metrics-token-of-length' });
    for (const text of [JSON.stringify(config), inspect(config, { depth: 9, showHidden: true })]) {
      expect(text).not.toMatch(/correct-horse|battery-staple|swordfish|metrics-token/);
      expect(text).not.toContain(masterKey);
    }
    expect(config.database.url?.reveal()).toBe(production['DATABASE_URL']);
  });
});

describe('withPort', () => {
  it('moves a public URL that was made from the port', () => {
    const config = withPort(loadConfig({ PORT: '0', ALLOWED_ORIGINS: 'https://app.example.org' }), 54321);
    expect(config.http.port).toBe(54321);
    expect(config.http.publicUrl.origin).toBe('http://localhost:54321');
    expect(config.http.allowedOrigins).toEqual(['http://localhost:54321', 'https://app.example.org']);
    expect(config.tokens).toMatchObject({ issuer: 'http://localhost:54321', audience: 'http://localhost:54321' });
  });

  it('leaves a given public URL and a given audience alone', () => {
    const given = withPort(loadConfig({ PORT: '0', PUBLIC_URL: 'https://id.example.org' }), 54321);
    expect(given.http.publicUrl.origin).toBe('https://id.example.org');
    expect(given.tokens.issuer).toBe('https://id.example.org');
    expect(withPort(loadConfig({ PORT: '0', ACCESS_TOKEN_AUDIENCE: 'api' }), 54321).tokens.audience).toBe('api');
  });
});
