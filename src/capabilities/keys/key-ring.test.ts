import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';
import { createSealer, generateSigningKey } from '#platform/crypto/index.ts';
import { createKeyRing } from './key-ring.ts';
import type { SigningKeyRecord } from './signing-key.ts';

const start = new Date('2026-01-01T00:00:00Z');
const sealer = createSealer(new Secret(randomBytes(32)), 'signing-key');

function record(expiresAfterSeconds: number): SigningKeyRecord {
  const id = newId('key');
  const { privateKeyPkcs8, publicJwk } = generateSigningKey('ES256', id);
  const expiresAt = addSeconds(start, expiresAfterSeconds);
  return {
    id,
    algorithm: 'ES256',
    publicJwk: { ...publicJwk },
    privateKeySealed: sealer.seal(privateKeyPkcs8, id),
    createdAt: start,
    activatesAt: start,
    retiresAt: expiresAt,
    expiresAt,
  };
}

describe('the key ring while the database is away', () => {
  const records = [record(3_600), record(120)];
  let now = start;
  let away = false;
  const ring = createKeyRing({
    store: { listPublished: async () => (away ? Promise.reject(new Error('connection refused')) : records) },
    sealer,
    clock: { now: () => now },
  });
  const published = async () => (await ring.jwks()).keys.map(({ kid }) => kid);

  it('has nothing to publish when it never read any', async () => {
    away = true;
    await expect(ring.jwks()).rejects.toThrow('connection refused');
    away = false;
  });

  it('publishes what it knew, but no key beyond its time, and neither signs nor verifies', async () => {
    expect(await published()).toEqual(records.map(({ id }) => id));
    away = true;
    now = addSeconds(start, 60);
    expect(await published()).toEqual(records.map(({ id }) => id));
    now = addSeconds(start, 120);
    expect(await published()).toEqual([records[0]?.id]);
    await expect(ring.signingKey()).rejects.toThrow('connection refused');
    await expect(ring.verificationKey(records[0]?.id ?? '')).rejects.toThrow('connection refused');
    away = false;
    expect(await published()).toEqual([records[0]?.id]);
  });
});
