import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { generateSigningKey } from './jwk.ts';
import { importVerificationKey, JwkInvalidError } from './verification-key.ts';
import { importVerificationKeySet } from './verification-key-set.ts';

const { publicJwk: ec } = generateSigningKey('ES256');
const { publicJwk: ed } = generateSigningKey('EdDSA');
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = { ...rsaPair.publicKey.export({ format: 'jwk' }), alg: 'RS256', kid: 'rsa' };
const publicEc = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });

describe('importVerificationKey', () => {
  it.each([
    ['ES256', ec, 64],
    ['EdDSA', ed, 64],
    ['RS256', rsa, 256],
    ['PS512', { ...rsa, alg: 'PS512' }, 256],
    ['ES384', publicEc('P-384'), 96],
    ['ES512', publicEc('P-521'), 132],
    ['ES256', { ...publicEc('P-256'), key_ops: ['verify'], use: 'sig', x5t: 'ignored' }, 64],
  ] as const)('reads a key for %s', (algorithm, jwk, signatureBytes) => {
    expect(importVerificationKey(jwk)).toMatchObject({ algorithm, signatureBytes });
  });

  it('binds an RSA key that says no algorithm only to the one that the caller names', () => {
    const { alg: _, ...silent } = rsa;
    expect(() => importVerificationKey(silent)).toThrow('does not say its algorithm');
    expect(importVerificationKey(silent, { algorithm: 'PS256' }).algorithm).toBe('PS256');
    expect(() => importVerificationKey(rsa, { algorithm: 'PS256' })).toThrow(JwkInvalidError);
    expect(() => importVerificationKey(ec, { algorithm: 'RS256' })).toThrow(JwkInvalidError);
  });

  it.each([
    ['a private EC key', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })],
    ['a private RSA key', { ...rsaPair.privateKey.export({ format: 'jwk' }), alg: 'RS256' }],
    ['a symmetric key', { kty: 'oct', k: Buffer.alloc(32).toString('base64url'), alg: 'HS256' }],
    ['a public key with a symmetric one inside', { ...ec, k: 'AAAA' }],
    ['algorithm none', { ...ec, alg: 'none' }],
    ['an HMAC algorithm', { ...ec, alg: 'HS256' }],
    ['the name of an inherited property as algorithm', { ...ec, alg: 'toString' }],
    ['an algorithm for another curve', { ...ec, alg: 'ES384' }],
    ['an algorithm for another key type', { ...ec, alg: 'RS256' }],
    ['another curve than its numbers are on', { ...ec, alg: 'ES384', crv: 'P-384' }],
    ['a curve that JWS does not have', publicEc('secp256k1')],
    ['a use that is not signatures', { ...ec, use: 'enc' }],
    ['operations without verify', { ...ec, key_ops: ['encrypt'] }],
    ['operations that are no list', { ...ec, key_ops: 'verify' }],
    ['an empty kid', { ...ec, kid: '' }],
    ['a kid that is no string', { ...ec, kid: 7 }],
    ['a point off the curve', { ...ec, y: Buffer.alloc(32, 5).toString('base64url') }],
    ['the point at infinity', { ...ec, x: Buffer.alloc(32).toString('base64url'), y: Buffer.alloc(32).toString('base64url') }],
    [
      'a coordinate with a byte too many',
      { ...ec, x: Buffer.concat([Buffer.alloc(1), Buffer.from(ec.x, 'base64url')]).toString('base64url') },
    ],
    ['padded base64', { ...ec, x: `${ec.x}=` }],
    ['no coordinate', { ...ec, x: undefined }],
    ['an Ed25519 key of the wrong length', { ...ed, x: 'AAAA' }],
    ['the Ed25519 identity', { ...ed, x: Buffer.from(`01${'00'.repeat(31)}`, 'hex').toString('base64url') }],
    [
      'an Ed25519 point of order 2 with the sign bit set',
      { ...ed, x: Buffer.from(`ec${'ff'.repeat(31)}`, 'hex').toString('base64url') },
    ],
    [
      'an RSA key of 1024 bits',
      { ...generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' }), alg: 'RS256' },
    ],
    ['an RSA key too big to be reasonable', { ...rsa, n: Buffer.alloc(2048, 0xff).toString('base64url') }],
    ['an even RSA modulus', { ...rsa, n: Buffer.alloc(256, 0xfe).toString('base64url') }],
    ['an RSA exponent of one', { ...rsa, e: 'AQ' }],
    ['an RSA exponent of three', { ...rsa, e: 'Aw' }],
    ['an RSA exponent that makes each check slow', { ...rsa, e: Buffer.alloc(256, 0xff).toString('base64url') }],
    ['an empty RSA modulus', { ...rsa, n: '' }],
    ['no key at all', {}],
    ['null', null],
    ['an array', [ec]],
    ['text', JSON.stringify(ec)],
  ])('refuses %s', (_, jwk) => {
    expect(() => importVerificationKey(jwk)).toThrow(JwkInvalidError);
  });
});

describe('importVerificationKeySet', () => {
  it('finds the key of a kid, for its own algorithm only', () => {
    const find = importVerificationKeySet({ keys: [ec, ed, rsa] });
    expect(find({ alg: 'ES256', kid: ec.kid })?.kid).toBe(ec.kid);
    expect(find({ alg: 'RS256', kid: ec.kid })).toBeUndefined();
    expect(find({ alg: 'PS256', kid: 'rsa' })).toBeUndefined();
    expect(find({ alg: 'ES256', kid: 'unknown' })).toBeUndefined();
    expect(find({ alg: 'ES256', kid: '__proto__' })).toBeUndefined();
  });

  it('without a kid takes a key only when no other could be meant', () => {
    const { publicJwk: second } = generateSigningKey('ES256');
    expect(importVerificationKeySet({ keys: [ec, rsa] })({ alg: 'ES256' })?.kid).toBe(ec.kid);
    expect(importVerificationKeySet({ keys: [ec, second] })({ alg: 'ES256' })).toBeUndefined();
  });

  it('leaves out what is no verification key', () => {
    const find = importVerificationKeySet({
      keys: [{ kty: 'AKP', kid: 'future' }, { ...rsa, use: 'enc', kid: 'enc' }, null, ec],
    });
    expect(find({ alg: 'ES256', kid: ec.kid })).toBeDefined();
    expect(find({ alg: 'RS256', kid: 'enc' })).toBeUndefined();
  });

  it.each([
    ['a private key beside good ones', { keys: [ec, { ...rsaPair.privateKey.export({ format: 'jwk' }), alg: 'RS256' }] }],
    ['a symmetric key beside good ones', { keys: [ec, { kty: 'oct', k: 'AAAA' }] }],
    ['one kid twice', { keys: [ec, { ...rsa, kid: ec.kid }] }],
    ['no list of keys', { keys: ec }],
    ['no set', null],
  ])('refuses a set with %s', (_, jwks) => {
    expect(() => importVerificationKeySet(jwks)).toThrow(JwkInvalidError);
  });
});
