import fc from 'fast-check';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { generateSigningKey, importSigningKey } from './jwk.ts';
import { signJws } from './jws.ts';
import { JwsInvalidError } from './jws-invalid.ts';
import { type JwtClaims, signJwt, type VerifyJwtOptions, verifyJwt } from './jwt.ts';
import { importVerificationKey } from './verification-key.ts';

const { privateKeyPkcs8, publicJwk } = generateSigningKey('ES256');
const signingKey = importSigningKey({ kid: publicJwk.kid, algorithm: 'ES256', privateKeyPkcs8 });
const key = importVerificationKey(publicJwk);
const now = new Date('2030-01-01T00:00:00Z');
const seconds = now.getTime() / 1000;

const claims: JwtClaims = {
  iss: 'https://id.example',
  aud: 'https://api.example',
  sub: 'usr_1',
  jti: 'jti_1',
  iat: seconds,
  exp: seconds + 300,
};
const joseClaims = { iss: claims.iss, aud: 'https://api.example', sub: 'usr_1', jti: 'jti_1', iat: seconds, exp: claims.exp };
const options: VerifyJwtOptions = {
  keys: () => key,
  algorithms: ['ES256'],
  typ: 'at+jwt',
  issuer: 'https://id.example',
  audience: 'https://api.example',
  now,
  clockToleranceSeconds: 5,
};

function reasonOf(changes: Readonly<Record<string, unknown>>, changed: Partial<VerifyJwtOptions> = {}, typ = 'at+jwt'): string {
  return reasonOfText(JSON.stringify({ ...claims, ...changes }), changed, typ);
}

function reasonOfText(payload: string | Buffer, changed: Partial<VerifyJwtOptions> = {}, typ = 'at+jwt'): string {
  try {
    verifyJwt(signJws(payload, signingKey, { typ }), { ...options, ...changed });
    return 'accepted';
  } catch (error) {
    if (error instanceof JwsInvalidError) return error.reason;
    throw error;
  }
}

describe('signJwt and verifyJwt', () => {
  it('give back the claims', () => {
    expect(verifyJwt(signJwt({ ...claims, scope: 'a b' }, signingKey, { typ: 'at+jwt' }), options)).toEqual({
      ...claims,
      scope: 'a b',
    });
  });

  it('agree with jose in both directions', async () => {
    const ours = signJwt(claims, signingKey, { typ: 'at+jwt' });
    const seen = await jwtVerify(ours, await importJWK(publicJwk, 'ES256'), {
      issuer: options.issuer,
      audience: options.audience,
      typ: 'at+jwt',
      currentDate: now,
    });
    expect(seen.payload).toEqual(claims);
    const theirs = await new SignJWT({ ...joseClaims, aud: ['other', options.audience] })
      .setProtectedHeader({ alg: 'ES256', kid: publicJwk.kid, typ: 'at+jwt' })
      .sign(signingKey.key);
    expect(verifyJwt(theirs, options).sub).toBe('usr_1');
  });
});

describe('verifyJwt', () => {
  it.each([
    ['ends exactly now, less the tolerance', { exp: seconds - 5 }, 'expired'],
    ['ended a second within the tolerance', { exp: seconds - 4 }, 'accepted'],
    ['starts within the tolerance', { nbf: seconds + 5 }, 'accepted'],
    ['starts later', { nbf: seconds + 6 }, 'not_yet_valid'],
    ['was issued within the tolerance', { iat: seconds + 5 }, 'accepted'],
    ['was issued in the future', { iat: seconds + 6 }, 'not_yet_valid'],
    ['has fractions of a second', { exp: seconds + 0.5, iat: seconds - 0.5 }, 'accepted'],
    ['has no expiry', { exp: undefined }, 'claims'],
    ['has an expiry that is text', { exp: String(seconds + 300) }, 'claims'],
    ['has an expiry beyond all numbers', { exp: 1e300 }, 'claims'],
    ['has a negative expiry', { exp: -1 }, 'claims'],
    ['has a null nbf', { nbf: null }, 'claims'],
    ['has an iat that is text', { iat: 'now' }, 'claims'],
    ['has a sub that is no text', { sub: 7 }, 'claims'],
    ['has an empty sub', { sub: '' }, 'claims'],
    ['has a jti that is no text', { jti: {} }, 'claims'],
    ['has no issuer', { iss: undefined }, 'claims'],
    ['has a list of issuers', { iss: [options.issuer] }, 'claims'],
    ['is from another issuer', { iss: 'https://id.example/' }, 'issuer'],
    ['is from an issuer in other case', { iss: 'https://ID.example' }, 'issuer'],
    ['has no audience', { aud: undefined }, 'claims'],
    ['has an empty audience', { aud: '' }, 'claims'],
    ['has no audience in its list', { aud: [] }, 'claims'],
    ['has an audience that is no text', { aud: [options.audience, 7] }, 'claims'],
    ['has an audience that is an object', { aud: { [options.audience]: true } }, 'claims'],
    ['is for somebody else', { aud: 'https://other.example' }, 'audience'],
    ['is for an audience that only begins like ours', { aud: `${options.audience}.evil.example` }, 'audience'],
    ['is for several, us among them', { aud: ['https://other.example', options.audience] }, 'accepted'],
    ['is for several, all others', { aud: ['https://other.example', 'https://third.example'] }, 'audience'],
  ])('for a token that %s: %j gives %s', (_, changes, reason) => {
    expect(reasonOf(changes)).toBe(reason);
  });

  it('refuses a token of another kind, whatever else is right', () => {
    for (const typ of ['JWT', 'logout+jwt', 'at+jwt2', 'at', '', 'text/at+jwt', 'application/jwt']) {
      expect(reasonOf({}, {}, typ), typ).toBe('type');
    }
  });

  it('takes the same media type in its other spellings (RFC 7515, 4.1.9)', () => {
    for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt']) expect(reasonOf({}, {}, typ), typ).toBe('accepted');
  });

  it('takes a token without typ only where the caller says so', async () => {
    const untyped = await new SignJWT(joseClaims).setProtectedHeader({ alg: 'ES256', kid: publicJwk.kid }).sign(signingKey.key);
    expect(() => verifyJwt(untyped, options)).toThrow('token refused: type');
    expect(verifyJwt(untyped, { ...options, typ: 'JWT', typOptional: true }).sub).toBe('usr_1');
    expect(reasonOf({}, { typ: 'JWT', typOptional: true }, 'at+jwt')).toBe('type');
  });

  it.each(['[]', 'null', '"text"', '7', '', '{', '{"iss":"a","iss":"b"}', '\uFEFF{}'])('refuses the payload %j', (payload) => {
    expect(reasonOfText(payload)).toBe('claims');
  });

  it('refuses a claim that stands twice, even with the same value', () => {
    const text = JSON.stringify(claims);
    expect(reasonOfText(text)).toBe('accepted');
    expect(reasonOfText(text.replace('{', '{"sub":"usr_1",'))).toBe('claims');
    expect(reasonOfText(text.replace('{', '{"\\u0073ub":"usr_2",'))).toBe('claims');
  });

  it('refuses a payload that is no UTF-8', () => {
    expect(reasonOfText(Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]))).toBe('claims');
  });

  it('refuses everything when the clock or the tolerance is broken', () => {
    expect(reasonOf({}, { now: new Date(Number.NaN) })).toBe('expired');
    expect(reasonOf({}, { clockToleranceSeconds: Number.NaN })).toBe('expired');
  });

  it('checks the signature before it looks at any claim', () => {
    const stranger = generateSigningKey('ES256', publicJwk.kid);
    const strangersKey = importSigningKey({ kid: publicJwk.kid, algorithm: 'ES256', privateKeyPkcs8: stranger.privateKeyPkcs8 });
    expect(() => verifyJwt(signJwt({ ...claims, exp: 1 }, strangersKey, { typ: 'JWT' }), options)).toThrow(
      'token refused: signature',
    );
  });

  it('accepts, of all times, exactly those from nbf until exp, give or take the tolerance', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }), (exp, nbf) => {
        const expected = exp <= -5 ? 'expired' : nbf > 5 ? 'not_yet_valid' : 'accepted';
        expect(reasonOf({ exp: seconds + exp, nbf: seconds + nbf, iat: undefined })).toBe(expected);
      }),
    );
  });

  it('says no word of the token in its error', () => {
    const error = new JwsInvalidError('signature');
    expect(JSON.stringify({ ...error, message: error.message })).toBe(
      '{"reason":"signature","name":"JwsInvalidError","message":"token refused: signature"}',
    );
  });
});
