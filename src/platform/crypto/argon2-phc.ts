import type { PasswordHashParameters } from './password-hasher.ts';

/** What a PHC string of Argon2id v1.3 holds. */
export interface Argon2idHash {
  readonly parameters: PasswordHashParameters;
  readonly salt: Buffer;
  readonly tag: Buffer;
}

// The fields come in any order: the PHC specification says m,t,p, but the argon2 package for Node writes m,p,t.
const shape =
  /^\$argon2id\$v=19\$([mtp]=[1-9]\d{0,9}),([mtp]=[1-9]\d{0,9}),([mtp]=[1-9]\d{0,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

// Bounds on what a stored hash may ask for, so that a doctored row or a hostile import can't ask for hours of work.
const maxMemoryKib = 4_194_304;
const maxIterations = 100;
const maxParallelism = 255;

/** Writes `$argon2id$v=19$m=..,t=..,p=..$salt$tag` (PHC string format, base64 without padding). */
export function formatArgon2id({ parameters, salt, tag }: Argon2idHash): string {
  const { memoryKib, iterations, parallelism } = parameters;
  return `$argon2id$v=19$m=${memoryKib},t=${iterations},p=${parallelism}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Reads a PHC string strictly. Throws a plain Error that does not repeat the hash. */
export function parseArgon2id(phc: string): Argon2idHash {
  const [, first = '', second = '', third = '', saltText = '', tagText = ''] =
    shape.exec(phc) ?? malformed('is not an Argon2id v1.3 PHC string');
  const fields = new Map([first, second, third].map((field) => [field[0], Number(field.slice(2))]));
  const [memoryKib, iterations, parallelism] = [fields.get('m'), fields.get('t'), fields.get('p')];
  if (memoryKib === undefined || iterations === undefined || parallelism === undefined) malformed('lacks a parameter');
  if (parallelism > maxParallelism || iterations > maxIterations || memoryKib > maxMemoryKib || memoryKib < 8 * parallelism) {
    malformed('has parameters out of bounds');
  }
  const [salt, tag] = [decode(saltText), decode(tagText)];
  if (salt.length < 8 || salt.length > 64) malformed('has a salt that is not 8 to 64 bytes');
  if (tag.length < 16 || tag.length > 64) malformed('has a tag that is not 16 to 64 bytes');
  return { parameters: { memoryKib, iterations, parallelism }, salt, tag };
}

function decode(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (unpadded(bytes) !== text) malformed('is not canonical base64');
  return bytes;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

function malformed(why: string): never {
  throw new Error(`stored password hash ${why}`);
}
