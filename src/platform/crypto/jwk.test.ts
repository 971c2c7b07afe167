import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, importSigningKey, jwkThumbprint } from './jwk.ts';

const vectors = join(import.meta.dirname, '../../../tests/vectors/rfc-kat.json');

describe('jwkThumbprint', () => {
  it('gives the known answer of RFC 7638, 3.1', () => {
    const { rfc7638 } = JSON.parse(readFileSync(vectors, 'utf8')) as {
      rfc7638: { jwk: Record<string, unknown>; thumbprint: string };
    };
    expect(jwkThumbprint(rfc7638.jwk)).toBe(rfc7638.thumbprint);
    expect(jwkThumbprint({ ...rfc7638.jwk, alg: 'RS256', kid: 'any', use: 'sig' })).toBe(rfc7638.thumbprint);
  });

  it.each(['ES256', 'EdDSA'] as const)('agrees with jose on a key for %s', async (algorithm) => {
    const { publicJwk } = generateSigningKey(algorithm);
    expect(jwkThumbprint(publicJwk)).toBe(await calculateJwkThumbprint(publicJwk));
  });

  it('refuses a key without its required members', () => {
    for (const jwk of [{}, { kty: 'oct', k: 'AAAA' }, { kty: 'EC', crv: 'P-256', x: 'AAAA' }, { kty: 'toString' }]) {
      expect(() => jwkThumbprint(jwk)).toThrow(RangeError);
    }
  });
});

describe('generateSigningKey', () => {
  it.each(['ES256', 'EdDSA'] as const)('makes a pair for %s whose public half holds nothing private', (algorithm) => {
    const { publicJwk, privateKeyPkcs8 } = generateSigningKey(algorithm);
    expect(publicJwk).toMatchObject({ alg: algorithm, use: 'sig', kid: jwkThumbprint(publicJwk) });
    expect(publicJwk).not.toHaveProperty('d');
    const signing = importSigningKey({ kid: publicJwk.kid, algorithm, privateKeyPkcs8 });
    expect(signing.key.type).toBe('private');
    expect(inspect(signing, { depth: 9 }) + JSON.stringify(signing)).not.toContain(signing.key.export({ format: 'jwk' }).d);
  });

  it('takes a kid of the caller', () => {
    expect(generateSigningKey('ES256', 'key_1').publicJwk.kid).toBe('key_1');
  });

  it('makes another pair each time', () => {
    expect(generateSigningKey('ES256').publicJwk.kid).not.toBe(generateSigningKey('ES256').publicJwk.kid);
  });
});

describe('importSigningKey', () => {
  it('refuses a key of the other algorithm, and what is no key', () => {
    const { privateKeyPkcs8 } = generateSigningKey('EdDSA');
    expect(() => importSigningKey({ kid: 'key_1', algorithm: 'ES256', privateKeyPkcs8 })).toThrow('key_1 is no key for ES256');
    expect(() => importSigningKey({ kid: 'key_1', algorithm: 'ES256', privateKeyPkcs8: Buffer.from('no key') })).toThrow();
  });
});
