import { generateKeyPairSync, type JsonWebKey, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  generateSigningKey,
  importSigningKey,
  importVerificationKey,
  type JwsAlgorithm,
  JwsInvalidError,
  jwkThumbprint,
  jwsAlgorithms,
  type VerifyJwtOptions,
  verifyJwt,
} from '#platform/crypto/index.ts';
import { forgeTokens } from '#tests/support/forged-tokens.ts';
import { misissueTokens } from '#tests/support/mis-issued-tokens.ts';

/** The playbook of jwt_tool and more, held against the function that every door calls. */

const now = new Date('2030-01-01T00:00:00Z');
const nowSeconds = now.getTime() / 1000;
const claims = {
  iss: 'https://id.example',
  aud: 'https://api.example',
  sub: 'usr_1',
  jti: 'jti_1',
  iat: nowSeconds,
  exp: nowSeconds + 300,
};

interface Issuer {
  readonly publicJwk: JsonWebKey & { readonly kid: string };
  readonly signText: (headerText: string, payloadText: string) => string;
}

function issuer(algorithm: 'ES256' | 'EdDSA' | 'RS256'): Issuer {
  if (algorithm === 'RS256') {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = publicKey.export({ format: 'jwk' });
    return { publicJwk: { ...jwk, alg: algorithm, kid: jwkThumbprint(jwk) }, signText: signer('sha256', privateKey) };
  }
  const { publicJwk, privateKeyPkcs8 } = generateSigningKey(algorithm);
  const { key } = importSigningKey({ kid: publicJwk.kid, algorithm, privateKeyPkcs8 });
  return { publicJwk, signText: signer(algorithm === 'ES256' ? 'sha256' : null, key) };
}

function signer(hash: string | null, key: KeyObject): Issuer['signText'] {
  return (headerText, payloadText) => {
    const signed = [headerText, payloadText].map((text) => Buffer.from(text).toString('base64url')).join('.');
    return `${signed}.${sign(hash, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
}

/** As our own API is set up, and as carelessly as the options allow: every algorithm, and the key for whatever is asked. */
function setUps(algorithm: JwsAlgorithm, publicJwk: Issuer['publicJwk']): Readonly<Record<string, VerifyJwtOptions>> {
  const key = importVerificationKey(publicJwk);
  const common = { typ: 'at+jwt', issuer: claims.iss, audience: claims.aud, now, clockToleranceSeconds: 5 };
  return {
    'as the API': { ...common, algorithms: [algorithm], keys: ({ kid }) => (kid === key.kid ? key : undefined) },
    'as carelessly as possible': { ...common, algorithms: jwsAlgorithms, maxBytes: Number.POSITIVE_INFINITY, keys: () => key },
  };
}

function outcome(token: string, options: VerifyJwtOptions): string {
  try {
    verifyJwt(token, options);
    return 'accepted';
  } catch (error) {
    return error instanceof JwsInvalidError ? 'refused' : `broke with ${String(error)}`;
  }
}

describe.each(['ES256', 'EdDSA', 'RS256'] as const)('forged tokens against a key for %s', (algorithm) => {
  const { publicJwk, signText } = issuer(algorithm);
  const goodToken = signText(JSON.stringify({ alg: algorithm, typ: 'at+jwt', kid: publicJwk.kid }), JSON.stringify(claims));
  const forged = forgeTokens({ goodToken, publicJwk });
  const misissued = misissueTokens({ goodToken, sign: signText, nowSeconds });

  it('are many, each with a name and a text of its own', () => {
    const all = [...forged, ...misissued];
    expect(forged.length).toBeGreaterThanOrEqual(60);
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(all.filter(({ token }) => token === goodToken)).toEqual([]);
  });

  describe.each(Object.entries(setUps(algorithm, publicJwk)))('verified %s', (setUp, options) => {
    it('the good token itself is accepted, so the refusals below mean something', () => {
      expect(outcome(goodToken, options)).toBe('accepted');
    });

    it.each(forged)('refuses: $name', ({ token }) => {
      expect(outcome(token, options)).toBe('refused');
    });

    // Its size is the only thing wrong with the long one, and the careless set-up has no limit.
    it.each(misissued.filter(({ name }) => setUp === 'as the API' || name !== 'longer than a token may be'))(
      'refuses, though truly signed: $name',
      ({ token }) => {
        expect(outcome(token, options)).toBe('refused');
      },
    );
  });
});
