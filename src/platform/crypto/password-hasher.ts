import type { Secret } from '#kernel/secret.ts';

/** Cost of one Argon2id hash (RFC 9106, 3.1). */
export interface PasswordHashParameters {
  /** Memory in KiB: `m`. At least 8 for each lane. */
  readonly memoryKib: number;
  /** Passes over the memory: `t`. */
  readonly iterations: number;
  /** Lanes: `p`. */
  readonly parallelism: number;
}

/**
 * Turns passwords into Argon2id hashes and checks them. It takes the password as it comes, as UTF-8: Unicode normalisation
 * and length rules are the business of the password policy.
 */
export interface PasswordHasher {
  /** A PHC string at the current parameters, with a fresh 16-byte salt and a 32-byte tag. */
  hash(password: Secret<string>): Promise<string>;
  /**
   * Whether `phc` is a hash of this password, at whatever parameters it was made with. A wrong password gives false.
   * Throws a plain Error for a stored hash that is malformed or not Argon2id: that is a defect, not a failed sign-in.
   */
  verify(phc: string, password: Secret<string>): Promise<boolean>;
  /** Whether `phc` was made at other parameters than the current ones. Throws like `verify`. */
  needsRehash(phc: string): boolean;
}
