import { createPrivateKey } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createSealer } from '#platform/crypto/index.ts';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

const lifetimeSeconds = 3_600;
const overlapSeconds = 600;
const tokenSeconds = 300;
/** How long after its last token could have expired a key is still published: for slow clocks and stubborn caches. */
const lingerSeconds = 3_600;
const env = {
  TRUST_PROXY: 'loopback',
  SIGNING_KEY_LIFETIME_SECONDS: String(lifetimeSeconds),
  SIGNING_KEY_OVERLAP_SECONDS: String(overlapSeconds),
  ACCESS_TOKEN_LIFETIME_SECONDS: String(tokenSeconds),
};

let app: TestApp;
let rows: Rows;
let person: Person;
beforeEach(async () => {
  app = await makeTestApp({ env, clock: createFrozenClock() });
  rows = await openRows(app);
  person = await registeredPerson(app);
});
afterEach(async () => {
  await rows.close();
  await app.close();
});

async function servedKeys(at: Pick<TestApp, 'url'> = app): Promise<JSONWebKeySet> {
  return (await (await fetch(`${at.url}/.well-known/jwks.json`)).json()) as JSONWebKeySet;
}

async function servedKids(at?: Pick<TestApp, 'url'>): Promise<string[]> {
  return (await servedKeys(at)).keys.map(({ kid }) => kid ?? '').sort();
}

/** An access token of a new session, as the node at hand signs it now. */
async function newToken(at: Pick<TestApp, 'url'> = app): Promise<{ token: string; kid: string }> {
  const token = (await signIn(at, person)).accessToken;
  return { token, kid: decodeProtectedHeader(token).kid ?? '' };
}

async function isAccepted(token: string, at: Pick<TestApp, 'url'> = app): Promise<boolean> {
  return (await new TestClient(at, { accessToken: token }).send(documents.viewer)).status === 200;
}

interface KeyRow extends Record<string, unknown> {
  readonly id: string;
  readonly algorithm: string;
  readonly public_jwk: Record<string, unknown>;
  readonly private_key_sealed: Buffer;
}

const storedKeys = () => rows.query<KeyRow>('select * from signing_keys order by activates_at');

describe('by the clock, a signing key', () => {
  it('is published for the whole overlap before it signs, then signs alone, and takes over without a restart', async () => {
    const first = await newToken();
    expect(await servedKids()).toEqual([first.kid]);

    app.clock.advance(lifetimeSeconds - overlapSeconds - 1);
    await app.node.maintain();
    expect(await servedKids()).toEqual([first.kid]);

    app.clock.advance(1);
    await app.node.maintain();
    const published = await servedKids();
    expect(published).toHaveLength(2);
    expect((await newToken()).kid).toBe(first.kid);

    app.clock.advance(overlapSeconds - 1);
    await app.node.maintain();
    expect((await newToken()).kid).toBe(first.kid);

    app.clock.advance(1);
    const second = await newToken();
    expect(second.kid).not.toBe(first.kid);
    expect(published).toContain(second.kid);
    expect(await isAccepted(second.token)).toBe(true);
  });

  it('that has retired still proves what it signed, until that expires', async () => {
    app.clock.advance(lifetimeSeconds - overlapSeconds);
    await app.node.maintain();
    app.clock.advance(overlapSeconds - 1);
    const last = await newToken();
    app.clock.advance(1);
    await app.node.maintain();
    expect((await newToken()).kid).not.toBe(last.kid);
    expect(await isAccepted(last.token)).toBe(true);
    app.clock.advance(tokenSeconds - 2);
    expect(await isAccepted(last.token)).toBe(true);
    // Five seconds of tolerance for clocks that differ.
    app.clock.advance(7);
    expect(await isAccepted(last.token)).toBe(false);
    expect(await servedKids()).toContain(last.kid);
  });

  it('leaves the key set when nothing that it signed can be valid any more, and the database with it', async () => {
    const first = await newToken();
    const kept = lifetimeSeconds + tokenSeconds + lingerSeconds;
    // Maintained every five minutes, as a node that runs would.
    for (let passed = 0; passed < kept - 300; passed += 300) {
      app.clock.advance(300);
      await app.node.maintain();
      expect(await servedKids()).toContain(first.kid);
    }
    app.clock.advance(300);
    await app.node.maintain();
    expect(await servedKids()).not.toContain(first.kid);
    expect((await storedKeys()).map(({ id }) => id)).not.toContain(first.kid);
    expect(await isAccepted((await newToken()).token)).toBe(true);
  });

  it('is there at once after a standstill in which all have lapsed', async () => {
    const before = await newToken();
    app.clock.advance(20 * lifetimeSeconds);
    await app.node.maintain();
    const after = await newToken();
    expect(await servedKids()).toEqual([after.kid]);
    expect(after.kid).not.toBe(before.kid);
    expect(await isAccepted(after.token)).toBe(true);
    expect(await isAccepted(before.token)).toBe(false);
  });

  it('of another algorithm takes over after the overlap, while the old one goes on', async () => {
    const old = await newToken();
    const modern = await makeTestApp({ besides: app, env: { ...env, PUBLIC_URL: app.url, ACCESS_TOKEN_ALGORITHM: 'EdDSA' } });
    expect((await newToken(modern)).kid).toBe(old.kid);
    app.clock.advance(overlapSeconds);
    const next = await newToken(modern);
    expect(decodeProtectedHeader(next.token).alg).toBe('EdDSA');
    // Also by a node that was started with the older setting.
    expect(await isAccepted(next.token)).toBe(true);
    await modern.close();
  });
});

describe('two nodes', () => {
  let beside: TestApp;
  beforeEach(async () => {
    beside = await makeTestApp({ besides: app, env: { ...env, PUBLIC_URL: app.url } });
  });
  afterEach(() => beside.close());

  it('that rotate at once, and again and again, make one key', async () => {
    app.clock.advance(lifetimeSeconds - overlapSeconds);
    await Promise.all(Array.from({ length: 5 }, () => [app.node.maintain(), beside.node.maintain()]).flat());
    expect(await storedKeys()).toHaveLength(2);
    expect(await servedKids(beside)).toEqual(await servedKids());
    const told = await rows.query(
      "select type from event_log where type = 'signing_key.created' union all select type from event_outbox where type = 'signing_key.created'",
    );
    expect(told).toHaveLength(2);
    app.clock.advance(overlapSeconds);
    const [here, there] = [await newToken(), await newToken(beside)];
    expect(there.kid).toBe(here.kid);
  });

  it('that find no key at all, as on their very first start, agree on one', async () => {
    await rows.query('delete from signing_keys');
    await Promise.all([app.node.maintain(), beside.node.maintain()]);
    expect(await storedKeys()).toHaveLength(1);
    const [here, there] = [await newToken(), await newToken(beside)];
    expect(there.kid).toBe(here.kid);
    expect(await isAccepted(here.token, beside)).toBe(true);
    expect(await isAccepted(there.token)).toBe(true);
  });

  it('know each other’s new key by the first token that comes with it', async () => {
    expect(await isAccepted((await newToken()).token, beside)).toBe(true);
    await rows.query('delete from signing_keys');
    await app.node.maintain();
    // The other has just read the keys, and looks for an unknown one at most once in two seconds.
    app.clock.advance(2);
    expect(await isAccepted((await newToken()).token, beside)).toBe(true);
  });
});

describe('the private key', () => {
  /** The master key's holder sees what the database does not show. */
  async function opened(): Promise<{ row: KeyRow; pkcs8: Buffer; d: string }> {
    const [row] = await storedKeys();
    if (!row) throw new Error('there is no signing key');
    const sealer = createSealer(new Secret(Buffer.from(app.masterKey, 'base64url')), 'signing-key');
    const pkcs8 = sealer.open(row.private_key_sealed, row.id);
    const { d = '' } = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' });
    return { row, pkcs8, d };
  }

  it('stands in the database sealed: not as PKCS #8, not as a JWK, not as its bare number', async () => {
    const { row, pkcs8, d } = await opened();
    const secret = Buffer.from(d, 'base64url');
    expect(secret).toHaveLength(32);
    // The control: these are the bytes of the key that signs.
    expect(pkcs8.includes(secret)).toBe(true);
    const stored = await rows.textOf('signing_keys');
    for (const form of [d, secret.toString('latin1'), secret.toString('hex'), secret.toString('base64')])
      expect(stored).not.toContain(form);
    // How every unencrypted PKCS #8 goes on after its length (RFC 5208, 5), and the identifier of the curve's algorithm.
    for (const opening of ['020100301306072a8648ce3d0201', '2a8648ce3d0201'])
      expect(row.private_key_sealed.includes(Buffer.from(opening, 'hex'))).toBe(false);
    expect(Object.keys(row.public_jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  });

  it('is not in the key set that everybody reads, nor in the log', async () => {
    const { d } = await opened();
    expect(JSON.stringify(await servedKeys())).not.toContain(d);
    for (const key of (await servedKeys()).keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
    expect(JSON.stringify(app.logs)).not.toContain(d);
  });

  it('opens under no other master key, and not as the key of another row', async () => {
    const { row } = await opened();
    const foreign = createSealer(new Secret(Buffer.alloc(32, 7)), 'signing-key');
    expect(() => foreign.open(row.private_key_sealed, row.id)).toThrow();
    const own = createSealer(new Secret(Buffer.from(app.masterKey, 'base64url')), 'signing-key');
    expect(() => own.open(row.private_key_sealed, 'key_1111111111111111111111')).toThrow();
  });
});

describe('an outside verifier (jose) that knows nothing but the served key set', () => {
  it.each(['ES256', 'EdDSA'])('accepts our access tokens as RFC 9068 has them, by %s', async (algorithm) => {
    const issuer = await makeTestApp({ env: { ...env, ACCESS_TOKEN_ALGORITHM: algorithm } });
    const reader = await registeredPerson(issuer);
    const { accessToken, sessionId } = await signIn(issuer, reader);
    const keySet = createLocalJWKSet(await servedKeys(issuer));
    const { payload, protectedHeader } = await jwtVerify(accessToken, keySet, {
      issuer: issuer.url,
      audience: issuer.url,
      typ: 'at+jwt',
      algorithms: [algorithm],
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    });
    expect(protectedHeader).toMatchObject({ alg: algorithm, typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toMatchObject({ sub: reader.userId, sid: sessionId, amr: ['pwd'] });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(tokenSeconds);
    await expect(jwtVerify(accessToken, keySet, { audience: 'https://other.example' })).rejects.toThrow(/aud/);
    await issuer.close();
  });

  it('that keeps the key set for as long as it is told never meets an unknown key', async () => {
    const response = await fetch(`${app.url}/.well-known/jwks.json`);
    const maxAge = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1]);
    expect(maxAge).toBeGreaterThan(0);
    let cached = (await response.json()) as JSONWebKeySet;
    for (let passed = 0; passed < 2 * lifetimeSeconds + overlapSeconds; passed += maxAge) {
      app.clock.advance(maxAge);
      await app.node.maintain();
      // Signed in the last moment in which the copy from before may still be used.
      const { token } = await newToken();
      const { payload } = await jwtVerify(token, createLocalJWKSet(cached), { currentDate: app.clock.now() });
      expect(payload.sub).toBe(person.userId);
      cached = await servedKeys();
    }
    expect((await storedKeys()).length).toBeGreaterThan(1);
  });
});
