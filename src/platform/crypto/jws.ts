import { sign } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';
import type { SigningKey } from './jwk.ts';
import type { JwsAlgorithm } from './jws-algorithms.ts';
import { type JwsHeader, readJwsHeader } from './jws-header.ts';
import { JwsInvalidError } from './jws-invalid.ts';
import { isSignedBy } from './jws-signature.ts';
import type { KnownHeaders } from './known-headers.ts';
import type { VerificationKey } from './verification-key.ts';

/**
 * JSON Web Signature, compact serialization (RFC 7515), with the rules of RFC 8725. All of it is synchronous on purpose:
 * WebCrypto verifies in the thread pool, where a token check would wait behind password hashes.
 */

export interface VerifyJwsOptions {
  /** Gives the key for a header, by its `kid`, or undefined when there is none. */
  readonly keys: (header: JwsHeader) => VerificationKey | undefined;
  /** The algorithms that this caller accepts. */
  readonly algorithms: readonly JwsAlgorithm[];
  /** Longest token that is looked at at all, in bytes. */
  readonly maxBytes?: number;
  /** Headers that this caller's tokens had before: all that one key signs have the same. */
  readonly knownHeaders?: KnownHeaders;
}

export interface VerifiedJws {
  readonly header: JwsHeader;
  readonly payload: Buffer;
}

const defaultMaxBytes = 16_384;

/**
 * Verifies a compact JWS. Throws JwsInvalidError for everything that is not exactly a token signed by the key that `keys`
 * gives, with that key's own algorithm: header, payload and signature in strict base64url, three parts, no extensions.
 */
export function verifyJws(compact: string, options: VerifyJwsOptions): VerifiedJws {
  if (typeof compact !== 'string') throw new JwsInvalidError('malformed');
  if (compact.length > (options.maxBytes ?? defaultMaxBytes)) throw new JwsInvalidError('too_large');
  const [headerText, payloadText, signatureText, more] = compact.split('.', 4);
  if (headerText === undefined || payloadText === undefined || signatureText === undefined || more !== undefined)
    throw new JwsInvalidError('malformed');
  const [payload, signature] = [decode(payloadText), decode(signatureText)];
  const known = options.knownHeaders?.find(headerText, options.algorithms);
  const header = known ?? readJwsHeader(decode(headerText), options.algorithms);
  const key = options.keys(header);
  if (key === undefined || key.algorithm !== header.alg) throw new JwsInvalidError('key');
  if (header.kid !== undefined && key.kid !== undefined && header.kid !== key.kid) throw new JwsInvalidError('key');
  const signed = Buffer.from(compact.slice(0, compact.lastIndexOf('.')), 'latin1');
  if (!isSignedBy(key, signed, signature)) throw new JwsInvalidError('signature');
  if (known === undefined) options.knownHeaders?.remember(headerText, header);
  return { header, payload };
}

function decode(part: string): Buffer {
  const bytes = decodeBase64url(part);
  if (bytes === undefined) throw new JwsInvalidError('malformed');
  return bytes;
}

/** Signs a payload. The header holds `alg`, `typ` and `kid`, nothing else. */
export function signJws(payload: Buffer | string, key: SigningKey, { typ }: { readonly typ: string }): string {
  const header = JSON.stringify({ alg: key.algorithm, typ, kid: key.kid });
  const signed = `${Buffer.from(header, 'utf8').toString('base64url')}.${bytesOf(payload).toString('base64url')}`;
  const bytes = Buffer.from(signed, 'latin1');
  const signature =
    key.algorithm === 'ES256' ? sign('sha256', bytes, { key: key.key, dsaEncoding: 'ieee-p1363' }) : sign(null, bytes, key.key);
  return `${signed}.${signature.toString('base64url')}`;
}

function bytesOf(payload: Buffer | string): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload, 'utf8') : payload;
}
