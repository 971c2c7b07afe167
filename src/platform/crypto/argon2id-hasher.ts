import { randomBytes, timingSafeEqual } from 'node:crypto';
import { formatArgon2id, parseArgon2id } from './argon2-phc.ts';
import type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';

/** The raw function that a library gives: Argon2id v1.3, no secret, no associated data (RFC 9106). Runs off the main thread. */
export type DeriveArgon2id = (
  password: Buffer,
  salt: Buffer,
  parameters: PasswordHashParameters,
  tagBytes: number,
) => Promise<Buffer>;

const saltBytes = 16;
const tagBytes = 32;

/** The hasher over one library's raw function: salt, PHC strings and comparison are ours, so all adapters agree on them. */
export function createArgon2idHasher(derive: DeriveArgon2id, parameters: PasswordHashParameters): PasswordHasher {
  return {
    async hash(password) {
      const salt = randomBytes(saltBytes);
      const tag = await derive(Buffer.from(password.reveal(), 'utf8'), salt, parameters, tagBytes);
      return formatArgon2id({ parameters, salt, tag });
    },
    async verify(phc, password) {
      const stored = parseArgon2id(phc);
      const tag = await derive(Buffer.from(password.reveal(), 'utf8'), stored.salt, stored.parameters, stored.tag.length);
      return timingSafeEqual(tag, stored.tag);
    },
    needsRehash(phc) {
      const stored = parseArgon2id(phc);
      return (
        stored.parameters.memoryKib !== parameters.memoryKib ||
        stored.parameters.iterations !== parameters.iterations ||
        stored.parameters.parallelism !== parameters.parallelism ||
        stored.salt.length !== saltBytes ||
        stored.tag.length !== tagBytes
      );
    },
  };
}
