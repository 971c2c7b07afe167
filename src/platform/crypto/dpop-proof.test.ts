import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { base64url, calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { DpopKey, type ProofOptions } from '#tests/support/dpop.ts';
import { verifyDpopProof } from './dpop-proof.ts';

const rfc = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/vectors/rfc-kat.json'), 'utf8'));
const now = new Date('2026-01-31T12:00:00.000Z');
const url = 'https://id.example.org/graphql';
const accessToken = 'an.access.token';
const expected = { method: 'POST', target: url, accessToken, now, maxAgeSeconds: 60, clockToleranceSeconds: 5 };
const key = new DpopKey();
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const made = (change: Partial<ProofOptions> = {}) => key.proof({ url, at: now, accessToken, ...change });
const check = (proof: string, change: Partial<typeof expected> = {}) => verifyDpopProof(proof, { ...expected, ...change });
const refusal = (reason: string) => expect.objectContaining({ name: 'DpopProofInvalidError', reason });

describe('a DPoP proof', () => {
  it.each(['ES256', 'EdDSA'] as const)('by %s is accepted and gives the thumbprint, jti and nonce', (algorithm) => {
    const own = new DpopKey(algorithm);
    const proof = own.proof({ url, at: now, accessToken, nonce: 'n-1', claims: { jti: 'j-1' } });
    expect(check(proof)).toEqual({ thumbprint: own.thumbprint, jti: 'j-1', nonce: 'n-1' });
  });

  it.each([
    ['token_request', 'POST', 'https://server.example.com/token', 1_562_262_616, undefined],
    ['refresh_request', 'POST', 'https://server.example.com/token', 1_562_265_296, undefined],
    ['resource_request', 'GET', 'https://resource.example.org/protectedresource', 1_562_262_618, rfc.rfc9449_ath.token],
  ])('of RFC 9449 itself is accepted: %s', (name, method, target, iat, token) => {
    const options = { method, target, now: new Date(iat * 1000), maxAgeSeconds: 60, clockToleranceSeconds: 5 };
    const proof = rfc.rfc9449_proofs[name];
    expect(verifyDpopProof(proof, { ...options, ...(token ? { accessToken: token } : {}) }).thumbprint).toBe(
      rfc.rfc9449_proofs.thumbprint,
    );
    expect(() => verifyDpopProof(proof, { ...options, accessToken: 'another' })).toThrow(refusal('access_token'));
  });

  it.each(['ES256', 'EdDSA'])('by jose is accepted, with the same thumbprint: %s', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const jwk = await exportJWK(publicKey);
    const proof = await new SignJWT({ htm: 'POST', htu: url, jti: 'j-1' })
      .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk })
      .setIssuedAt(now)
      .sign(privateKey);
    const { accessToken: _, ...withoutToken } = expected;
    expect(verifyDpopProof(proof, withoutToken).thumbprint).toBe(await calculateJwkThumbprint(jwk));
  });

  it.each([
    ['without jti', { claims: { jti: undefined } }, 'claims'],
    ['with an empty jti', { claims: { jti: '' } }, 'claims'],
    ['with a jti that fills memory', { claims: { jti: 'x'.repeat(257) } }, 'claims'],
    ['without htm', { claims: { htm: undefined } }, 'claims'],
    ['for another method', { method: 'GET' }, 'method'],
    ['for the method in small letters', { method: 'post' }, 'method'],
    ['without htu', { claims: { htu: undefined } }, 'claims'],
    ['for a list of URLs', { claims: { htu: [url] } }, 'claims'],
    ['for another path', { url: 'https://id.example.org/graphql/' }, 'target'],
    ['for another host', { url: 'https://attacker.example/graphql' }, 'target'],
    ['for another port', { url: 'https://id.example.org:8443/graphql' }, 'target'],
    ['for plain http', { url: 'http://id.example.org/graphql' }, 'target'],
    ['for a URL with somebody else before the @', { url: 'https://id.example.org@attacker.example/graphql' }, 'target'],
    ['for a path alone', { url: '/graphql' }, 'target'],
    ['without iat', { claims: { iat: undefined } }, 'claims'],
    ['with an iat in words', { claims: { iat: '1769860800' } }, 'claims'],
    ['from the future', { at: at(6) }, 'issued_at'],
    ['from long ago', { at: at(-66) }, 'issued_at'],
    ['without ath', { claims: { ath: undefined } }, 'access_token'],
    ['for another access token', { accessToken: 'another.access.token' }, 'access_token'],
    ['with a nonce that is no text', { claims: { nonce: 7 } }, 'claims'],
    ['of type JWT', { header: { typ: 'JWT' } }, 'type'],
    ['of the type of an access token', { header: { typ: 'at+jwt' } }, 'type'],
    ['without a type', { header: { typ: undefined } }, 'type'],
    ['without a key', { header: { jwk: undefined } }, 'key'],
    ['with a key that is no object', { header: { jwk: 'key' } }, 'key'],
    ['that names its key by kid alone', { header: { jwk: undefined, kid: 'key_1' } }, 'key'],
    ['with its private key', { header: { jwk: key.privateJwk } }, 'key'],
    ['with an RSA key', { header: { jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } } }, 'key'],
    ['with a symmetric key', { header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }, 'key'],
    ['with a point off the curve', { header: { jwk: { ...key.jwk, y: key.jwk['x'] } } }, 'key'],
    ['with a critical extension', { header: { crit: ['x'], x: 1 } }, 'malformed'],
    ['by alg none', { header: { alg: 'none' } }, 'malformed'],
    ['by alg HS256', { header: { alg: 'HS256' } }, 'malformed'],
    ['by alg RS256', { header: { alg: 'RS256' } }, 'malformed'],
    ['signed by another key than it shows', { signer: new DpopKey() }, 'malformed'],
  ] satisfies [string, Partial<ProofOptions>, string][])('is refused %s', (_, change, reason) => {
    expect(() => check(made(change))).toThrow(refusal(reason));
  });

  it('is refused when its public key was used as an HMAC secret, or nothing signs it', () => {
    const [, payload = ''] = made().split('.');
    const head = (alg: string) => base64url.encode(JSON.stringify({ typ: 'dpop+jwt', alg, jwk: key.jwk }));
    const signed = `${head('HS256')}.${payload}`;
    const mac = createHmac('sha256', JSON.stringify(key.jwk)).update(signed).digest('base64url');
    for (const proof of [
      `${signed}.${mac}`,
      `${head('none')}.${payload}.`,
      `${head('none')}.${payload}`,
      '',
      'a.b.c',
      made().repeat(9),
    ])
      expect(() => check(proof), proof).toThrow(expect.objectContaining({ name: 'DpopProofInvalidError' }));
  });

  it('is as good at the edges of its time as in the middle, and no longer', () => {
    expect(() => check(made({ at: at(5) }))).not.toThrow();
    expect(() => check(made({ at: at(-65) }))).not.toThrow();
    expect(() => check(made(), { now: new Date(Number.NaN) })).toThrow(refusal('issued_at'));
  });

  it.each([
    'https://id.example.org/graphql?query=x',
    'https://id.example.org/graphql#part',
    'HTTPS://ID.Example.org:443/graphql',
    'https://id.example.org/./graphql',
    'https://id.example.org/x/../graphql',
    'https://id.example.org/%67raphql',
  ])('may spell its URL in any way that RFC 3986 takes for the same: %s', (spelling) => {
    expect(() => check(made({ url: spelling }))).not.toThrow();
  });

  it.each([
    'https:\\\\id.example.org\\graphql',
    'https://id.example.org\t/graphql',
    'https://id.example.org/graphql\n',
    ' https://id.example.org/graphql',
    'https:id.example.org/graphql',
    'https://id.example.org/%2Fgraphql',
    'https://id.example.org//graphql',
    'https://id.example.org/Graphql',
    `https://id.example.org/${'x/../'.repeat(1_000)}graphql`,
  ])('may not spell it as only a browser would understand: %j', (spelling) => {
    expect(() => check(made({ url: spelling }))).toThrow(expect.objectContaining({ name: 'DpopProofInvalidError' }));
  });
});
