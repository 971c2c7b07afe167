import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { SigningAlgorithm } from './jws-algorithms.ts';

/** A public key of ours as it is published (RFC 7517; RFC 8037): everything a verifier needs, nothing secret. */
export type PublicJwk = { readonly kid: string; readonly use: 'sig' } & (
  | { readonly alg: 'ES256'; readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly alg: 'EdDSA'; readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
);

/** A private key that signs. Made by `importSigningKey` only; printing it shows no key material. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly key: KeyObject;
}

export interface GeneratedSigningKey {
  /** PKCS #8, DER. Seal it before it is stored. */
  readonly privateKeyPkcs8: Buffer;
  readonly publicJwk: PublicJwk;
}

/** Makes a key pair. `kid` is the thumbprint of RFC 7638 unless one is given. Takes well under a millisecond. */
export function generateSigningKey(algorithm: SigningAlgorithm, kid?: string): GeneratedSigningKey {
  const { publicKey, privateKey } =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return {
    privateKeyPkcs8: privateKey.export({ format: 'der', type: 'pkcs8' }),
    publicJwk: publicJwkOf(publicKey, algorithm, kid),
  };
}

function publicJwkOf(publicKey: KeyObject, algorithm: SigningAlgorithm, kid: string | undefined): PublicJwk {
  const jwk = publicKey.export({ format: 'jwk' });
  const { x = '', y = '' } = jwk;
  const common = { kid: kid ?? jwkThumbprint(jwk), use: 'sig' } as const;
  return algorithm === 'ES256'
    ? { ...common, alg: algorithm, kty: 'EC', crv: 'P-256', x, y }
    : { ...common, alg: algorithm, kty: 'OKP', crv: 'Ed25519', x };
}

/** Reads a private key back. Throws a plain Error when it is not a private key that fits the algorithm. */
export function importSigningKey(options: {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly privateKeyPkcs8: Buffer;
}): SigningKey {
  const { kid, algorithm, privateKeyPkcs8 } = options;
  const key = createPrivateKey({ key: privateKeyPkcs8, format: 'der', type: 'pkcs8' });
  const fits =
    algorithm === 'ES256'
      ? key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
      : key.asymmetricKeyType === 'ed25519';
  if (!fits) throw new Error(`signing key ${kid} is no key for ${algorithm}`);
  return { kid, algorithm, key };
}

const thumbprintMembers: ReadonlyMap<unknown, readonly string[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

/** SHA-256 thumbprint of a public key, base64url (RFC 7638; RFC 8037, 2). Throws for a key type that has none here. */
export function jwkThumbprint(jwk: Readonly<Record<string, unknown>>): string {
  const members = thumbprintMembers.get(jwk['kty']);
  if (members === undefined) throw new RangeError('no thumbprint is defined for this key type');
  // RFC 7638, 3.2: the required members alone, in the order of their names, without white space.
  const required = members.map((name) => {
    const value = jwk[name];
    if (typeof value !== 'string') throw new RangeError(`the key has no ${name}`);
    return [name, value] as const;
  });
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(required)))
    .digest('base64url');
}
