import { constants, createPublicKey, type JsonWebKey, type KeyObject, type VerifyKeyObjectInput } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { algorithmFacts, isJwsAlgorithm, type JwsAlgorithm, jwsAlgorithms } from './jws-algorithms.ts';
import { rsaKeyProblem } from './rsa-modulus.ts';
import { isSmallOrderEd25519 } from './small-order-ed25519.ts';
import { isJsonObject } from './strict-json.ts';

declare const brand: unique symbol;

/** A public key bound to one algorithm. Made by `importVerificationKey` only, so that no unchecked key can verify anything. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithm: JwsAlgorithm;
  /** The key, with its parameters where it has any, as `crypto.verify` takes it. Signatures of ECDSA are in DER there. */
  readonly verifyInput: KeyObject | VerifyKeyObjectInput;
  /** The one length that a signature by this key has, in bytes. */
  readonly signatureBytes: number;
  readonly [brand]: true;
}

/** A JWK that can't serve to verify signatures. The message names the member at fault and shows no value of it. */
export class JwkInvalidError extends Error {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'JwkInvalidError';
  }
}

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

/** Whether a JWK holds private or symmetric key material, which has no place in a verifier. */
export function holdsSecretKey(jwk: Readonly<Record<string, unknown>>): boolean {
  return jwk['kty'] === 'oct' || secretMembers.some((name) => Object.hasOwn(jwk, name));
}

/**
 * Reads a public JWK (RFC 7517; RFC 7518, 6; RFC 8037) for verifying signatures and binds it to one algorithm: its `alg`,
 * else the one that `options.algorithm` names, else the only one its curve allows. Throws JwkInvalidError for private or
 * symmetric keys, keys for another use, weak RSA keys, points off the curve, and an `alg` that does not fit the key.
 */
export function importVerificationKey(jwk: unknown, options: { readonly algorithm?: JwsAlgorithm } = {}): VerificationKey {
  if (!isJsonObject(jwk)) throw new JwkInvalidError('a JWK is a JSON object');
  if (holdsSecretKey(jwk)) throw new JwkInvalidError('a private or symmetric key can not be a verification key');
  refuseOtherUse(jwk);
  const kid = readKid(jwk);
  const algorithm = readAlgorithm(jwk, options.algorithm);
  const { members, signatureBytes } = readMembers(jwk, algorithm);
  try {
    const key = createPublicKey({ key: members, format: 'jwk' });
    return { kid, algorithm, verifyInput: verifyInputOf(key, algorithm), signatureBytes } as VerificationKey;
  } catch (cause) {
    throw new JwkInvalidError('the numbers are no valid public key', { cause });
  }
}

/** RFC 7518, 3.3 to 3.5; RFC 8037, 3.1. */
function verifyInputOf(key: KeyObject, algorithm: JwsAlgorithm): KeyObject | VerifyKeyObjectInput {
  const facts = algorithmFacts[algorithm];
  if (facts.kty !== 'RSA') return key;
  if (facts.padding === 'pkcs1') return { key, padding: constants.RSA_PKCS1_PADDING };
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
}

function refuseOtherUse(jwk: Readonly<Record<string, unknown>>): void {
  const { use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig') throw new JwkInvalidError('`use` is not sig');
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    throw new JwkInvalidError('`key_ops` does not have verify');
  }
}

function readKid(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const { kid } = jwk;
  if (kid === undefined) return undefined;
  if (typeof kid !== 'string' || kid === '' || kid.length > 256)
    throw new JwkInvalidError('`kid` is not a string of 1 to 256 characters');
  return kid;
}

function readAlgorithm(jwk: Readonly<Record<string, unknown>>, wanted: JwsAlgorithm | undefined): JwsAlgorithm {
  const { alg, crv } = jwk;
  if (alg !== undefined && !isJwsAlgorithm(alg)) throw new JwkInvalidError('`alg` is no signature algorithm that is known here');
  if (alg !== undefined && wanted !== undefined && alg !== wanted)
    throw new JwkInvalidError('`alg` is not the algorithm that is wanted');
  const implied = jwsAlgorithms.find((candidate) => {
    const facts = algorithmFacts[candidate];
    return 'crv' in facts && facts.crv === crv;
  });
  const algorithm = alg ?? wanted ?? implied;
  if (algorithm === undefined) throw new JwkInvalidError('the key does not say its algorithm');
  return algorithm;
}

function readMembers(
  jwk: Readonly<Record<string, unknown>>,
  algorithm: JwsAlgorithm,
): { members: JsonWebKey; signatureBytes: number } {
  const facts = algorithmFacts[algorithm];
  if (jwk['kty'] !== facts.kty) throw new JwkInvalidError('`kty` does not fit the algorithm');
  if (facts.kty === 'RSA') {
    const [n, e] = [bytesOf(jwk, 'n'), bytesOf(jwk, 'e')];
    const problem = rsaKeyProblem(n, e);
    if (problem !== undefined) throw new JwkInvalidError(problem);
    return { members: { kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') }, signatureBytes: n.length };
  }
  if (jwk['crv'] !== facts.crv) throw new JwkInvalidError('`crv` does not fit the algorithm');
  if (facts.kty === 'OKP') {
    const x = bytesOf(jwk, 'x', 32);
    if (isSmallOrderEd25519(x)) throw new JwkInvalidError('the point has a small order');
    return { members: { kty: 'OKP', crv: facts.crv, x: x.toString('base64url') }, signatureBytes: 64 };
  }
  const [x, y] = [bytesOf(jwk, 'x', facts.coordinateBytes), bytesOf(jwk, 'y', facts.coordinateBytes)];
  const members = { kty: 'EC', crv: facts.crv, x: x.toString('base64url'), y: y.toString('base64url') };
  return { members, signatureBytes: 2 * facts.coordinateBytes };
}

function bytesOf(jwk: Readonly<Record<string, unknown>>, name: string, length?: number): Buffer {
  const value = jwk[name];
  const bytes = typeof value === 'string' ? decodeBase64url(value) : undefined;
  if (bytes === undefined || bytes.length === 0) throw new JwkInvalidError(`\`${name}\` is no base64url`);
  if (length !== undefined && bytes.length !== length) throw new JwkInvalidError(`\`${name}\` is not ${length} bytes long`);
  return bytes;
}
