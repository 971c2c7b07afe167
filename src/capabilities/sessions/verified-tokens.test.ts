import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createKeyRing, type KeyRing } from '#capabilities/keys/index.ts';
import { addSeconds } from '#kernel/clock.ts';
import { newId, type SessionId, type SigningKeyId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createSealer, generateSigningKey } from '#platform/crypto/index.ts';
import { type AccessTokens, createAccessTokens } from './access-token.ts';
import { beginSession } from './session.ts';

/** What a token that was verified before must not get away with. The keys are a real ring's on a store that tests change. */

const start = new Date('2030-01-01T00:00:00Z');
const lifetimeSeconds = 300;
const sealer = createSealer(new Secret(randomBytes(32)), 'signing-key');
const issuer = 'https://id.example';

function keyRecord({ id = newId('key'), publishedSeconds = 86_400 }: { id?: SigningKeyId; publishedSeconds?: number } = {}) {
  const { privateKeyPkcs8, publicJwk } = generateSigningKey('ES256', id);
  const expiresAt = addSeconds(start, publishedSeconds);
  const privateKeySealed = sealer.seal(privateKeyPkcs8, id);
  return {
    id,
    algorithm: 'ES256',
    publicJwk: { ...publicJwk },
    privateKeySealed,
    createdAt: start,
    activatesAt: start,
    retiresAt: expiresAt,
    expiresAt,
  };
}

let now: Date;
let stored: ReturnType<typeof keyRecord>[];
let isAway: boolean;
let keyRing: KeyRing;
let tokens: AccessTokens;

beforeEach(() => {
  now = start;
  stored = [keyRecord()];
  isAway = false;
  const clock = { now: () => now };
  const listPublished = async () => {
    if (isAway) throw new Error('connection refused');
    return structuredClone(stored).map((record) => ({ ...record, privateKeySealed: Buffer.from(record.privateKeySealed) }));
  };
  keyRing = createKeyRing({ store: { listPublished }, sealer, clock });
  tokens = tokensWith({});
});

function tokensWith({ cacheEntries = 100, audience = issuer }): AccessTokens {
  const settings = { issuer, audience, accessTokenLifetimeSeconds: lifetimeSeconds, cacheEntries };
  return createAccessTokens({ keyRing, settings, clock: { now: () => now } });
}

async function issued(): Promise<{ token: string; sessionId: SessionId }> {
  const userId = newId('usr');
  const organisationId = newId('org');
  const sessionId = newId('ses');
  const session = beginSession(
    { id: sessionId, userId, organisationId, amr: ['pwd'], ipAddress: '192.0.2.1', userAgent: 'test', deviceId: null },
    now,
    { idleTimeoutSeconds: 86_400, absoluteTimeoutSeconds: 86_400 },
  );
  return { token: (await tokens.issue(session)).token.reveal(), sessionId };
}

/** A token that is known from its first use. */
async function known(): Promise<string> {
  const { token } = await issued();
  await tokens.verify(token);
  return token;
}

const outcome = (token: string): Promise<string> =>
  tokens.verify(token).then(
    () => 'accepted',
    (error: Error) => error.name,
  );

async function isKnown(token: string): Promise<boolean> {
  const before = tokens.stats().hits;
  expect(await outcome(token)).toBe('accepted');
  return tokens.stats().hits > before;
}

const refused = 'AccessTokenInvalidError';

describe('a token that was verified before', () => {
  it('is known again, and names the same session', async () => {
    const [one, other] = [await issued(), await issued()];
    for (const { token, sessionId } of [one, other, one, other]) expect(await tokens.verify(token)).toBe(sessionId);
    expect(tokens.stats()).toEqual({ hits: 2, misses: 2, entries: 2 });
    expect(await tokens.readClaims(one.token)).toMatchObject({ sid: one.sessionId, exp: start.getTime() / 1000 + 300 });
  });

  it('is known for as long as its key is published unchanged, however often the keys are read', async () => {
    const token = await known();
    keyRing.refresh();
    expect(await isKnown(token)).toBe(true);
    now = addSeconds(now, 40);
    stored = [...stored, keyRecord()];
    expect(await isKnown(token)).toBe(true);
  });

  it('is refused from the moment in which it expires', async () => {
    const token = await known();
    now = addSeconds(start, lifetimeSeconds + 4);
    expect(await isKnown(token)).toBe(true);
    now = addSeconds(start, lifetimeSeconds + 5);
    expect(await outcome(token)).toBe(refused);
    expect(tokens.stats().entries).toBe(0);
  });

  it('is refused while the clock says that it is not issued yet', async () => {
    const token = await known();
    now = addSeconds(start, -5);
    expect(await isKnown(token)).toBe(true);
    now = addSeconds(start, -6);
    expect(await outcome(token)).toBe(refused);
    now = new Date(Number.NaN);
    expect(await outcome(token)).not.toBe('accepted');
  });

  it('is refused as soon as its key is withdrawn', async () => {
    const token = await known();
    stored = [keyRecord()];
    keyRing.refresh();
    expect(await outcome(token)).toBe(refused);
    expect(tokens.stats().entries).toBe(0);
  });

  it('is refused at the latest when the keys are read again by themselves', async () => {
    const token = await known();
    stored = [keyRecord()];
    now = addSeconds(now, 30);
    expect(await outcome(token)).toBe(refused);
  });

  it('is refused when another key stands under the name of its own', async () => {
    const token = await known();
    stored = stored.map(({ id }) => keyRecord({ id }));
    keyRing.refresh();
    expect(await outcome(token)).toBe(refused);
  });

  it('is refused when the time of its key is over, before the keys are read again', async () => {
    stored = [keyRecord({ publishedSeconds: 20 }), keyRecord()].sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime());
    keyRing.refresh();
    const token = await known();
    now = addSeconds(now, 19);
    expect(await isKnown(token)).toBe(true);
    now = addSeconds(now, 1);
    expect(await outcome(token)).toBe(refused);
  });

  it('is good for nothing while nobody can say whether its key is published', async () => {
    const token = await known();
    now = addSeconds(now, 30);
    isAway = true;
    expect(await outcome(token)).toBe('Error');
  });

  it('lends nothing to one that differs from it in a character', async () => {
    const token = await known();
    for (let at = 0; at < token.length; at += 1) {
      const code = token.charCodeAt(at);
      // The neighbour, and one that would be the same byte in Latin-1.
      for (const other of [code ^ 1, code + 0x100]) {
        const changed = `${token.slice(0, at)}${String.fromCharCode(other)}${token.slice(at + 1)}`;
        expect(await outcome(changed), `${other} at ${at}`).toBe(refused);
      }
    }
    for (const changed of [`${token}A`, `${token}=`, `${token}.`, ` ${token}`, `${token}\n`, `${token}\0`, token.slice(0, -1)])
      expect(await outcome(changed), changed).toBe(refused);
    expect(tokens.stats()).toMatchObject({ hits: 0, entries: 1 });
    expect(await isKnown(token)).toBe(true);
  });

  it('is refused by who is another audience', async () => {
    const token = await known();
    await expect(tokensWith({ audience: 'https://other.example' }).verify(token)).rejects.toThrow();
    expect(await isKnown(token)).toBe(true);
  });
});

describe('the memory of verified tokens', () => {
  it('is bounded: of more tokens than fit, those used last are known', async () => {
    tokens = tokensWith({ cacheEntries: 5 });
    const favourite = await known();
    for (let count = 0; count < 20; count += 1) {
      await known();
      expect(await isKnown(favourite)).toBe(true);
    }
    expect(tokens.stats().entries).toBe(5);
  });

  it('keeps nothing of what was refused, so made-up tokens displace none', async () => {
    tokens = tokensWith({ cacheEntries: 2 });
    const mine = [await known(), await known()];
    for (let count = 0; count < 50; count += 1) {
      const [header, payload] = (await issued()).token.split('.');
      expect(await outcome(`${header}.${payload}.${randomBytes(64).toString('base64url')}`)).toBe(refused);
    }
    for (const text of ['', '.', '..', 'x'.repeat(100_000)]) expect(await outcome(text)).toBe(refused);
    for (const token of mine) expect(await isKnown(token)).toBe(true);
  });

  it('is none where it has no entries', async () => {
    tokens = tokensWith({ cacheEntries: 0 });
    const token = await known();
    expect(await isKnown(token)).toBe(false);
    expect(tokens.stats()).toEqual({ hits: 0, misses: 0, entries: 0 });
  });
});
