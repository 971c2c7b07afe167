import { createHash } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import { normaliseHttpTarget } from './http-target.ts';
import { jwkThumbprint } from './jwk.ts';
import { verifyJws } from './jws.ts';
import type { JwsAlgorithm } from './jws-algorithms.ts';
import { type JwsHeader, parseJsonObject } from './jws-header.ts';
import { isJsonObject } from './strict-json.ts';
import { importVerificationKey, type VerificationKey } from './verification-key.ts';

/**
 * Demonstrating Proof of Possession (RFC 9449): whoever sends a request signs it with a key of their own. The key comes with
 * the proof, so a proof says nothing of who somebody is; it ties the request to whatever the thumbprint was tied to before.
 */

/** What browsers and phones can make keys for that they can't lose: WebCrypto and secure elements. `none` and HMAC never. */
export const dpopAlgorithms = ['ES256', 'EdDSA'] as const satisfies readonly JwsAlgorithm[];

export type DpopProofInvalidReason = 'access_token' | 'claims' | 'issued_at' | 'key' | 'malformed' | 'method' | 'target' | 'type';

/** A proof that is not accepted. `reason` is for logs and tests; doors answer every reason alike. */
export class DpopProofInvalidError extends Error {
  readonly reason: DpopProofInvalidReason;

  constructor(reason: DpopProofInvalidReason, options?: { readonly cause?: unknown }) {
    super(`DPoP proof refused: ${reason}`, options);
    this.name = 'DpopProofInvalidError';
    this.reason = reason;
  }
}

export interface VerifyDpopProofOptions {
  /** The method of the request that the proof came with. */
  readonly method: string;
  /** Where the request went, by what we are called in public, never by its Host header. */
  readonly target: string;
  /** The access token that the request brings, if it brings one. */
  readonly accessToken?: string;
  readonly now: Date;
  /** How old a proof may be, in seconds. */
  readonly maxAgeSeconds: number;
  /** How far the client's clock may be off, in seconds; also added to the age. */
  readonly clockToleranceSeconds: number;
}

export interface VerifiedDpopProof {
  /** Thumbprint of the key (RFC 7638): `jkt`. */
  readonly thumbprint: string;
  readonly jti: string;
  /** The server's nonce that the client repeats, if any. Still to be checked. */
  readonly nonce: string | undefined;
}

const maxProofBytes = 4_096;
const longestText = 256;

/** Verifies a proof by every rule of RFC 9449, 4.3 that needs no memory. Synchronous. Throws DpopProofInvalidError. */
export function verifyDpopProof(proof: string, options: VerifyDpopProofOptions): VerifiedDpopProof {
  const { header, payload, jwk } = verifySignature(proof);
  if (header.typ !== 'dpop+jwt') throw new DpopProofInvalidError('type');
  const claims = parseJsonObject(payload);
  if (claims === undefined) throw new DpopProofInvalidError('claims');
  const { jti, htm, htu, iat, ath, nonce } = claims;
  if (
    !isText(jti) ||
    !isText(htm) ||
    typeof htu !== 'string' ||
    typeof iat !== 'number' ||
    !(nonce === undefined || isText(nonce))
  )
    throw new DpopProofInvalidError('claims');
  if (htm !== options.method) throw new DpopProofInvalidError('method');
  const target = normaliseHttpTarget(htu);
  if (target === undefined || target !== normaliseHttpTarget(options.target)) throw new DpopProofInvalidError('target');
  refuseOtherTime(iat, options);
  if (options.accessToken !== undefined && ath !== hashOfToken(options.accessToken))
    throw new DpopProofInvalidError('access_token');
  return { thumbprint: jwkThumbprint(jwk), jti, nonce };
}

/** The `ath` of an access token (RFC 9449, 4.2). */
function hashOfToken(accessToken: string): string {
  return createHash('sha256').update(accessToken, 'ascii').digest('base64url');
}

function verifySignature(proof: string) {
  const jwk = embeddedKey(proof);
  try {
    const keys = ({ alg }: JwsHeader) => publicKey(jwk, alg);
    return { ...verifyJws(proof, { keys, algorithms: dpopAlgorithms, maxBytes: maxProofBytes }), jwk };
  } catch (cause) {
    throw cause instanceof DpopProofInvalidError ? cause : new DpopProofInvalidError('malformed', { cause });
  }
}

/** The one place where a key that a token brings along is looked at: here it stands for nobody. */
function embeddedKey(proof: string): Readonly<Record<string, unknown>> {
  if (proof.length > maxProofBytes) throw new DpopProofInvalidError('malformed');
  const bytes = decodeBase64url(proof.slice(0, Math.max(0, proof.indexOf('.'))));
  const jwk = bytes && parseJsonObject(bytes)?.['jwk'];
  if (!isJsonObject(jwk)) throw new DpopProofInvalidError('key');
  return jwk;
}

/** Refuses private and symmetric keys too: a client that gives its private key away has none. */
function publicKey(jwk: Readonly<Record<string, unknown>>, algorithm: JwsAlgorithm): VerificationKey {
  try {
    return importVerificationKey(jwk, { algorithm });
  } catch (cause) {
    throw new DpopProofInvalidError('key', { cause });
  }
}

function refuseOtherTime(iat: number, { now, maxAgeSeconds, clockToleranceSeconds }: VerifyDpopProofOptions): void {
  const age = now.getTime() / 1000 - iat;
  // Written so that an age that is NaN refuses.
  if (!(age >= -clockToleranceSeconds && age <= maxAgeSeconds + clockToleranceSeconds))
    throw new DpopProofInvalidError('issued_at');
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestText;
}
