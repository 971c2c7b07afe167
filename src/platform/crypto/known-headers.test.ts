import { describe, expect, it } from 'vitest';
import { generateSigningKey, importSigningKey } from './jwk.ts';
import { signJws, verifyJws } from './jws.ts';
import { createKnownHeaders } from './known-headers.ts';
import { importVerificationKey } from './verification-key.ts';

function party(kid: string) {
  const { privateKeyPkcs8, publicJwk } = generateSigningKey('ES256', kid);
  return {
    key: importVerificationKey(publicJwk),
    sign: (typ: string) => signJws('{}', importSigningKey({ kid, algorithm: 'ES256', privateKeyPkcs8 }), { typ }),
  };
}

const us = party('key_1');
const stranger = party('key_1');
const headerOf = (token: string) => token.slice(0, token.indexOf('.'));

describe('known headers', () => {
  const knownHeaders = createKnownHeaders();
  const options = { keys: () => us.key, algorithms: ['ES256'] as const, knownHeaders };
  const token = us.sign('at+jwt');

  it('are those of tokens with a good signature only', () => {
    expect(() => verifyJws(stranger.sign('at+jwt'), options)).toThrow('signature');
    expect(knownHeaders.find(headerOf(token), ['ES256'])).toBeUndefined();
    const { header } = verifyJws(token, options);
    expect(knownHeaders.find(headerOf(token), ['ES256'])).toEqual(header);
    expect(verifyJws(us.sign('at+jwt'), options).header).toBe(header);
  });

  it('make nothing else good: neither a signature, nor a key, nor an algorithm', () => {
    verifyJws(token, options);
    expect(() => verifyJws(stranger.sign('at+jwt'), options)).toThrow('signature');
    expect(() => verifyJws(token, { ...options, keys: () => undefined })).toThrow('key');
    expect(() => verifyJws(token, { ...options, keys: () => party('key_2').key })).toThrow('key');
    expect(() => verifyJws(token, { ...options, algorithms: ['EdDSA'] })).toThrow('algorithm');
    expect(() => verifyJws(`${token}=`, options)).toThrow('malformed');
  });

  it('are few, also when the key itself signs very many', () => {
    const tokens = Array.from({ length: 40 }, (_, count) => us.sign(`type-${count}`));
    for (const each of tokens) verifyJws(each, options);
    const known = tokens.filter((each) => knownHeaders.find(headerOf(each), ['ES256']) !== undefined);
    expect(known.length).toBeGreaterThan(0);
    expect(known.length).toBeLessThanOrEqual(16);
  });
});
