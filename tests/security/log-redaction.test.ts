import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { redact, redactText } from '#platform/observability/redact.ts';
import { createLogger } from '#platform/observability/winston-logger.ts';

/** Everything the log must never hold, freshly made: the part that would let a reader act as somebody else. */
const random = (bytes: number) => randomBytes(bytes).toString('base64url');
const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const jwkD = privateKey.export({ format: 'jwk' }).d ?? '';
const jwt = `${Buffer.from('{"alg":"ES256","typ":"at+jwt"}').toString('base64url')}.${random(60)}.${random(64)}`;
const jwe = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..${random(12)}.${random(80)}.${random(16)}`;
const phcHash = randomBytes(32).toString('base64').replace(/=+$/, '');
const phc = `$argon2id$v=19$m=19456,t=2,p=1$${randomBytes(16).toString('base64').replace(/=+$/, '')}$${phcHash}`;

/** By their shape alone, wherever they turn up. */
const shaped: Record<string, { readonly text: string; readonly secret: string }> = {
  ...Object.fromEntries(
    ['spt', 'srt', 'svt', 'srp', 'sbt', 'xyz'].map((prefix) => {
      const token = `${prefix}_${random(32)}`;
      return [`opaque token ${prefix}`, { text: token, secret: token.slice(4) }];
    }),
  ),
  'access token': { text: jwt, secret: jwt.split('.')[2] ?? '' },
  'encrypted token': { text: jwe, secret: jwe.split('.')[3] ?? '' },
  'password hash': { text: phc, secret: phcHash },
  'private key as PEM': { text: pem, secret: pem.split('\n')[1] ?? '' },
  'private key as PEM on one line': { text: pem.replaceAll('\n', '\\n'), secret: pem.split('\n')[1] ?? '' },
  'private key as JWK': { text: `{"kty":"EC","crv":"P-256","d":"${jwkD}"}`, secret: jwkD },
  'database URL': { text: 'postgres://app:Tr0ub4dor@db:5432/sallyport', secret: 'Tr0ub4dor' },
  'database URL with a slash in the password': { text: 'postgres://app:Tr0ub/4dor@db:5432/x', secret: '4dor' },
  'redis Sentinel URL': { text: 'redis+sentinel://:Tr0ub4dor@watch:26379/0?name=m', secret: 'Tr0ub4dor' },
  'redis URL': { text: 'rediss://:Tr0ub4dor@cache:6379/0', secret: 'Tr0ub4dor' },
  'SMTP URL': { text: 'smtps://mailer%40example.org:Tr0ub4dor@mail:465', secret: 'Tr0ub4dor' },
  'web URL with credentials': { text: 'https://admin:Tr0ub4dor@example.org/path', secret: 'Tr0ub4dor' },
  'bearer header': { text: 'Bearer Tr0ub4dor-metrics-token', secret: 'Tr0ub4dor' },
  'basic header': { text: 'Authorization: Basic YWRtaW46VHIwdWI0ZG9y', secret: 'YWRtaW46VHIwdWI0ZG9y' },
  'cookie header': { text: 'Cookie: theme=dark; sid=Tr0ub4dor; b=c', secret: 'Tr0ub4dor' },
  'set-cookie header': { text: 'set-cookie: __Host-sallyport=Tr0ub4dor; Path=/; Secure', secret: 'Tr0ub4dor' },
  'verification link': { text: 'https://id.example.org/verify-email#token=Tr0ub4dor', secret: 'Tr0ub4dor' },
  'reset link': { text: 'https://id.example.org/reset-password?a=b&token=Tr0ub4dor&c=d', secret: 'Tr0ub4dor' },
  'authorization response': { text: '/callback?code=Tr0ub4dor&state=Xyz12345', secret: 'Tr0ub4dor' },
  'JSON somebody composed': { text: 'invalid: {"email":"a@b.c","password":"Tr0ub4dor"}', secret: 'Tr0ub4dor' },
  'JSON in JSON': { text: '{"body":"{\\"newPassword\\":\\"Tr0ub4dor\\"}"}', secret: 'Tr0ub4dor' },
  'an ORM printing its arguments': { text: "create({ data: { passwordSecret: 'Tr0ub4dor' } })", secret: 'Tr0ub4dor' },
  'an environment line': { text: 'METRICS_TOKEN=Tr0ub4dor MASTER_KEY: Tr0ub4dor', secret: 'Tr0ub4dor' },
  'master key': { text: random(32), secret: '' },
  'master key as base64': { text: randomBytes(32).toString('base64'), secret: '' },
  'hash of a token': { text: createHash('sha256').update('token').digest('hex'), secret: '' },
};
const shapedCases = Object.entries(shaped).map(([name, { text, secret }]) => ({ name, text, secret: secret || text }));

/** Where a secret can hide in what is logged. */
const places: Record<string, (text: string) => unknown> = {
  'a field': (text) => ({ note: text }),
  'the middle of a sentence': (text) => ({ note: `before ${text} after` }),
  'quotes and brackets': (text) => ({ note: `["${text}"] (${text}) <${text}>` }),
  'deep inside': (text) => ({ a: [{ b: { c: [text] } }] }),
  'a key': (text) => ({ [text]: 1 }),
  'a Map': (text) => ({
    map: new Map<unknown, unknown>([
      [text, text],
      [{ at: text }, [text]],
    ]),
  }),
  'a Set': (text) => ({ set: new Set([text]) }),
  'an error message and its stack': (text) => ({ error: new Error(`refused ${text}`) }),
  'the cause of a cause': (text) => ({ error: new Error('a', { cause: new Error('b', { cause: new Error(text) }) }) }),
  'an aggregate of errors': (text) => ({ error: new AggregateError([new Error(text)], 'many') }),
  'something attached to an error': (text) => ({ error: Object.assign(new Error('a'), { query: text, meta: { sql: [text] } }) }),
  'the name of an error': (text) => ({ error: Object.assign(new Error('a'), { name: text }) }),
  'a URL object': (text) => ({ url: new URL(`https://id.example.org/?next=${encodeURI(text).replaceAll('#', '%23')}`) }),
  'a symbol': (text) => ({ symbol: Symbol(text) }),
  'a getter': (text) => ({
    get lazy() {
      return text;
    },
  }),
  'a class instance': (text) =>
    new (class Holder {
      readonly held = text;
    })(),
};

function logged(format: 'json' | 'pretty', write: (logger: ReturnType<typeof createLogger>) => void): string {
  const stream = new PassThrough();
  write(createLogger({ level: 'debug', format, stream }));
  return String(stream.read());
}

describe.each(shapedCases)('$name', ({ text, secret }) => {
  it.each(Object.entries(places))('is taken out of %s', (_place, hide) => {
    const fields = hide(text) as Record<string, unknown>;
    for (const format of ['json', 'pretty'] as const) {
      expect(logged(format, (logger) => logger.warn('note', fields))).not.toContain(secret);
      expect(logged(format, (logger) => logger.child(fields).info('note'))).not.toContain(secret);
    }
    expect(inspect(redact(fields), { depth: 20 })).not.toContain(secret);
  });

  it('is taken out of the message itself', () => {
    expect(logged('json', (logger) => logger.error(`cannot use ${text}`))).not.toContain(secret);
    expect(logged('pretty', (logger) => logger.error(text))).not.toContain(secret);
  });
});

/** Secrets without a shape: only the name of their field gives them away. */
const names = [
  'password',
  'newPassword',
  'currentPassword',
  'PASSWORD',
  'password_hash',
  'passwordHash',
  'pwd',
  'passphrase',
  'token',
  'accessToken',
  'refresh_token',
  'refreshTokens',
  'idToken',
  'authorization',
  'Authorization',
  'proxy-authorization',
  'cookie',
  'Set-Cookie',
  'cookies',
  'secret',
  'clientSecret',
  'client_secret',
  'SECRET2',
  'masterKey',
  'MASTER_KEY',
  'privateKey',
  'apiKey',
  'x-api-key',
  'key',
  'hash',
  'tokenHash',
  'salt',
  'pepper',
  'otp',
  'totpSecret',
  'backupCodes',
  'pin',
  'credentials',
  'signature',
  'csrfToken',
  'METRICS_TOKEN',
]; // prettier-ignore

describe('a field whose name says secret', () => {
  const value = 'Tr0ub4dor';
  it.each(names)('%s', (name) => {
    const shapes: unknown[] = [
      { [name]: value },
      { [name]: { value, inner: [value] } },
      { [name]: [value] },
      { input: { [name]: value } },
      new Map([[name, value]]),
      { entries: [[name, value]] },
      new Error('e', { cause: Object.assign(new Error('f'), { [name]: value }) }),
      { rawHeaders: ['Accept', 'x', name, value] },
    ];
    for (const shape of shapes) expect(JSON.stringify(redact(shape))).not.toContain(value);
    expect(JSON.stringify(redact({ [name]: 4711_4711 }))).not.toContain('47114711');
  });

  it('is hidden in request headers of every form', () => {
    const headers = new Headers({ authorization: `Basic ${value}`, cookie: `a=${value}` });
    expect(JSON.stringify(redact({ headers }))).not.toContain(value);
    expect(JSON.stringify(redact({ query: new URLSearchParams({ token: value, page: '2' }) }))).toBe(
      '{"query":{"token":"[redacted]","page":"2"}}',
    );
  });

  it('does not get away by calling itself a fact', () => {
    expect(JSON.stringify(redact({ tokenId: `x${value}-and-more`, passwordAt: { value } }))).not.toContain(value);
  });
});

describe('what must stay readable', () => {
  it('facts about secrets', () => {
    const facts = {
      tokenId: 'rft_123456789ABCDEFGHJKLMN',
      keyId: 'key_123456789ABCDEFGHJKLMN',
      passwordChangedAt: new Date(0),
      tokenCount: 3,
      hasPassword: true,
      code: 'ECONNREFUSED',
      token: null,
    };
    expect(redact(facts)).toEqual({ ...facts, passwordChangedAt: '1970-01-01T00:00:00.000Z' });
  });

  it.each([
    'database connected after 3 attempts',
    'duplicate key value violates unique constraint "organisation_memberships_organisation_id_user_id_role_id_key"',
    'GET https://id.example.org/verify-email?lang=en&page=2',
    'usr_123456789ABCDEFGHJKLMN signed in from 2001:db8::1',
    'listening on http://localhost:4000',
    '4bf92f3577b34da6a3ce929d0e0e4736',
  ])('%s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('hostile values', () => {
  it('hides Secret and bytes by their type', () => {
    const bytes = randomBytes(32);
    const text = JSON.stringify(redact({ a: new Secret('Tr0ub4dor'), b: [bytes, new Uint8Array(bytes), bytes.buffer] }));
    expect(text).toMatch(/^\{"a":"\[redacted\]","b":\["\[32 bytes\]","\[32 bytes\]","\[\d+ bytes\]"\]\}$/);
  });

  it('survives cycles, getters that throw, revoked proxies and hostile toJSON', () => {
    const cycle: Record<string, unknown> = { name: 'a' };
    cycle['self'] = cycle;
    cycle['list'] = [cycle];
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = {
      cycle,
      proxy,
      get broken(): never {
        throw new Error('Tr0ub4dor');
      },
      toJSON: () => ({ leaked: 'Tr0ub4dor' }),
      when: new Date(Number.NaN),
      big: 10n,
      call: () => 'Tr0ub4dor',
    };
    const written = logged('json', (logger) => logger.info('hostile', { hostile }));
    expect(written).not.toContain('Tr0ub4dor');
    expect(JSON.parse(written)).toMatchObject({
      hostile: { cycle: { self: '[circular]' }, proxy: '[unreadable]', broken: '[unreadable]', when: 'Invalid Date', big: '10' },
    });
  });

  it('does not let a key reach a prototype', () => {
    const written = logged('json', (logger) =>
      logger.info('x', JSON.parse('{"a":{"__proto__":{"polluted":true}}}') as object as Record<string, unknown>),
    );
    expect(JSON.parse(written)).toHaveProperty('a');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('is bounded in depth, width and length', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 10_000; level += 1) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`field${index}`, { index }]));
    const text = JSON.stringify(
      redact({ deep, wide, list: Array.from({ length: 50_000 }, () => wide), long: 'word '.repeat(1e6) }),
    );
    expect(text.length).toBeLessThan(500_000);
  });

  it('does not show half a token where a long text is cut', () => {
    const token = `spt_${random(32)}`;
    for (let padding = 16_384 - 60; padding < 16_384 + 4; padding += 1) {
      const cut = redactText(`${'x '.repeat(padding / 2)}${token} rest`);
      for (let from = 4; from + 8 <= token.length; from += 1) expect(cut.includes(token.slice(from, from + 8))).toBe(false);
    }
  });

  it('never throws and never lets a token through, whatever surrounds it', () => {
    const token = `srt_${random(32)}`;
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (before, after) => {
        expect(redactText(before + token + after)).not.toContain(token.slice(4));
      }),
    );
    fc.assert(
      fc.property(
        fc.anything({ withMap: true, withSet: true, withBigInt: true, withNullPrototype: true, withDate: true }),
        (value) => {
          expect(() => JSON.stringify(redact(value))).not.toThrow();
        },
      ),
    );
  });
});
