import { hash, randomBytes } from 'node:crypto';
import { Secret } from '#kernel/secret.ts';

const randomPart = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const prefixShape = /^[a-z][a-z0-9_]*$/;

/**
 * A new bearer token: `<prefix>_` and 256 random bits as 43 base64url characters. The prefix lets secret scanners and
 * people see what leaked. Only its hash is ever stored.
 */
export function newOpaqueToken(prefix: string): Secret<string> {
  if (!prefixShape.test(prefix)) throw new RangeError('a token prefix is lower-case letters, digits and underscores');
  return new Secret(`${prefix}_${randomBytes(32).toString('base64url')}`);
}

/** SHA-256 of the whole token, 32 bytes: what is stored and looked up. The token has 256 random bits, so no salt or cost is needed. */
export function hashOpaqueToken(token: string): Buffer {
  // In one call: no object for a stream of data is made.
  return hash('sha256', token, 'buffer');
}

/** Whether `value` has the exact shape of a token with this prefix; says nothing of whether it was ever issued. */
export function isOpaqueToken(prefix: string, value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(`${prefix}_`) && randomPart.test(value.slice(prefix.length + 1));
}
