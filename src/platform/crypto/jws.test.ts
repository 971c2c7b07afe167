import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import { CompactSign, compactVerify, importJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, importSigningKey } from './jwk.ts';
import { signJws, verifyJws } from './jws.ts';
import { type JwsAlgorithm, jwsAlgorithms } from './jws-algorithms.ts';
import { JwsInvalidError } from './jws-invalid.ts';
import { importVerificationKey } from './verification-key.ts';

const { privateKeyPkcs8, publicJwk } = generateSigningKey('ES256');
const signingKey = importSigningKey({ kid: publicJwk.kid, algorithm: 'ES256', privateKeyPkcs8 });
const key = importVerificationKey(publicJwk);
const options = { keys: () => key, algorithms: jwsAlgorithms };
const token = signJws('{"sub":"usr_1"}', signingKey, { typ: 'at+jwt' });
const [header = '', payload = '', signature = ''] = token.split('.');

const encode = (text: string | Buffer) => Buffer.from(text).toString('base64url');

/** Signs any header text with the true key: what an issuer with a defect might send. */
function signedWithHeader(headerText: string | Buffer, payloadPart = payload): string {
  const signed = `${encode(headerText)}.${payloadPart}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key: signingKey.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

function reasonOf(compact: string, changed: Partial<Parameters<typeof verifyJws>[1]> = {}): string {
  try {
    verifyJws(compact, { ...options, ...changed });
    return 'accepted';
  } catch (error) {
    if (error instanceof JwsInvalidError) return error.reason;
    throw error;
  }
}

const pairs: Readonly<Record<JwsAlgorithm, () => { publicKey: KeyObject; privateKey: KeyObject }>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  ES512: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS384: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  RS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS384: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS512: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

describe('jose as a second opinion', () => {
  it.each(jwsAlgorithms)('verifies what jose signs with %s, and refuses it under another key', async (alg) => {
    const { publicKey, privateKey } = pairs[alg]();
    const signedByJose = await new CompactSign(Buffer.from('payload'))
      .setProtectedHeader({ alg, kid: 'a', typ: 'JWT' })
      .sign(privateKey);
    const verifier = importVerificationKey({ ...publicKey.export({ format: 'jwk' }), alg, kid: 'a' });
    const verified = verifyJws(signedByJose, { keys: () => verifier, algorithms: [alg] });
    expect(verified.payload.toString()).toBe('payload');
    expect(verified.header).toEqual({ alg, kid: 'a', typ: 'JWT' });
    const stranger = importVerificationKey({ ...pairs[alg]().publicKey.export({ format: 'jwk' }), alg, kid: 'a' });
    expect(reasonOf(signedByJose, { keys: () => stranger, algorithms: [alg] })).toBe('signature');
  });

  it.each(['ES256', 'EdDSA'] as const)('jose verifies what we sign with %s', async (algorithm) => {
    const pair = generateSigningKey(algorithm, 'key_1');
    const ours = signJws('payload', importSigningKey({ kid: 'key_1', algorithm, privateKeyPkcs8: pair.privateKeyPkcs8 }), {
      typ: 'at+jwt',
    });
    const verified = await compactVerify(ours, await importJWK(pair.publicJwk), { algorithms: [algorithm] });
    expect(Buffer.from(verified.payload).toString()).toBe('payload');
    expect(verified.protectedHeader).toEqual({ alg: algorithm, typ: 'at+jwt', kid: 'key_1' });
  });
});

describe('verifyJws', () => {
  it('gives back what was signed, byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(verifyJws(signJws(Buffer.from(bytes), signingKey, { typ: 'x' }), options).payload).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 30 },
    );
  });

  it('refuses every change of one character', () => {
    for (let at = 0; at < token.length; at += 1) {
      for (const character of [token[at] === 'A' ? 'B' : 'A', '.', '=', ' ', '+']) {
        const changed = `${token.slice(0, at)}${character}${token.slice(at + 1)}`;
        if (changed !== token) expect(reasonOf(changed), `${character} at ${at}`).not.toBe('accepted');
      }
    }
  });

  it('refuses anything that is no token without any other error', () => {
    const part = fc.oneof(fc.string(), fc.base64String(), fc.constantFrom(header, payload, signature, '', 'bnVsbA', 'e30'));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const compact = parts.join('.');
        if (compact !== token) expect(reasonOf(compact)).not.toBe('accepted');
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${token}.`],
    ['five parts, as a JWE', `${token}.${payload}.${payload}`],
    ['padding on the header', `${header}=.${payload}.${signature}`],
    ['padding on the signature', `${token}==`],
    ['white space before', ` ${token}`],
    ['a line break after', `${token}\n`],
    ['a line break within', `${header}.\n${payload}.${signature}`],
    ['a character outside the alphabet within the header', `${header.slice(0, 5)}?${header.slice(5)}.${payload}.${signature}`],
    ['a character outside the alphabet within the payload', `${header}.${payload.slice(0, 5)}?${payload.slice(5)}.${signature}`],
    ['a letter beyond ASCII', `${header}.${payload}\u0141.${signature}`],
    ['the JSON serialization', JSON.stringify({ protected: header, payload, signature })],
  ])('refuses %s as malformed', (_, compact) => {
    expect(reasonOf(compact)).toBe('malformed');
  });

  it('refuses stray trailing bits, which decode to the same bytes', () => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const neighbour = alphabet[alphabet.indexOf(signature.at(-1) ?? '') + 1] ?? '';
    const same = `${signature.slice(0, -1)}${neighbour}`;
    expect(Buffer.from(same, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
    expect(reasonOf(`${header}.${payload}.${same}`)).toBe('malformed');
  });

  it('refuses a value that is no string, as a door without types might pass on', () => {
    for (const value of [undefined, null, 7, [token], { toString: () => token }]) {
      expect(reasonOf(value as unknown as string)).toBe('malformed');
    }
  });

  it.each([
    ['an array', '["ES256"]', 'header'],
    ['null', 'null', 'header'],
    ['no JSON', '{', 'header'],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'header'],
    ['a byte order mark', '\uFEFF{"alg":"ES256"}', 'header'],
    ['a member twice', '{"alg":"ES256","alg":"ES256"}', 'header'],
    ['a member twice, once escaped', '{"alg":"ES256","\\u0061lg":"ES256"}', 'header'],
    ['a kid that is no string', '{"alg":"ES256","kid":7}', 'header'],
    ['a typ that is no string', '{"alg":"ES256","typ":["at+jwt"]}', 'header'],
    ['no algorithm', '{"typ":"at+jwt"}', 'algorithm'],
    ['an algorithm that is no string', '{"alg":["ES256"]}', 'algorithm'],
    ['the algorithm in lower case', '{"alg":"es256"}', 'algorithm'],
    ['the name of an inherited property', '{"alg":"constructor"}', 'algorithm'],
    ['an extension that is critical', '{"alg":"ES256","crit":["exp"],"exp":1}', 'critical'],
    ['an empty list of critical extensions', '{"alg":"ES256","crit":[]}', 'critical'],
    ['critical: null', '{"alg":"ES256","crit":null}', 'critical'],
    ['an unencoded payload', '{"alg":"ES256","b64":false,"crit":["b64"]}', 'critical'],
    ['b64: true', '{"alg":"ES256","b64":true}', 'critical'],
  ])('refuses a rightly signed token whose header is or has %s', (_, headerText, reason) => {
    expect(reasonOf(signedWithHeader(headerText))).toBe(reason);
  });

  it('takes a rightly signed token whose header has white space or unknown members, and hands on none of them', () => {
    const compact = signedWithHeader(
      `{ "alg" : "ES256",\n "jku": "https://evil.example/jwks", "jwk": {"kty":"oct"}, "x5c": [], "other": 1 }`,
    );
    expect(verifyJws(compact, options).header).toEqual({ alg: 'ES256' });
  });

  it('asks for the key without showing the keys that the token brings along', () => {
    const seen: unknown[] = [];
    const compact = signedWithHeader(
      '{"alg":"ES256","jwk":{},"jku":"https://evil.example","x5u":"https://evil.example","x5c":["AA"]}',
    );
    verifyJws(compact, {
      ...options,
      keys: (told) => {
        seen.push(told);
        return key;
      },
    });
    expect(seen).toEqual([{ alg: 'ES256' }]);
  });

  it('refuses an algorithm that is known but not among those of the caller', () => {
    expect(reasonOf(token, { algorithms: ['EdDSA'] })).toBe('algorithm');
    expect(reasonOf(token, { algorithms: [] })).toBe('algorithm');
  });

  it('refuses when there is no key, or one for another algorithm, or under another kid', () => {
    const ed = importVerificationKey(generateSigningKey('EdDSA').publicJwk);
    expect(reasonOf(token, { keys: () => undefined })).toBe('key');
    expect(reasonOf(token, { keys: () => ed })).toBe('key');
    expect(reasonOf(token, { keys: () => importVerificationKey({ ...publicJwk, kid: 'other' }) })).toBe('key');
    expect(reasonOf(token, { keys: () => importVerificationKey({ ...publicJwk, kid: undefined }) })).toBe('accepted');
  });

  it('looks at nothing that is longer than it should be', () => {
    const long = signJws('x'.repeat(20_000), signingKey, { typ: 'x' });
    expect(reasonOf(long)).toBe('too_large');
    expect(reasonOf(long, { maxBytes: 40_000 })).toBe('accepted');
    expect(reasonOf(token, { maxBytes: token.length })).toBe('accepted');
    expect(reasonOf(token, { maxBytes: token.length - 1 })).toBe('too_large');
  });

  it('refuses an ECDSA signature in DER', () => {
    const der = sign('sha256', Buffer.from(`${header}.${payload}`), { key: signingKey.key, dsaEncoding: 'der' });
    expect(reasonOf(`${header}.${payload}.${encode(der)}`)).toBe('signature');
  });
});
