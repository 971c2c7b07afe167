import type { Algorithm, Version } from '@node-rs/argon2';
import { createArgon2idHasher, type DeriveArgon2id } from './argon2id-hasher.ts';
import type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';

// The package declares these as const enums, which type stripping can't inline.
const argon2id = 2 satisfies Algorithm.Argon2id;
const version13 = 1 satisfies Version.V0x13;

/** Argon2id by @node-rs/argon2 (Rust). Rejects where the package has no binary for this platform. */
export async function loadNodeRsHasher(parameters: PasswordHashParameters): Promise<PasswordHasher> {
  const { hashRaw } = await import('@node-rs/argon2');
  const derive: DeriveArgon2id = (password, salt, { memoryKib, iterations, parallelism }, outputLen) =>
    hashRaw(password, {
      algorithm: argon2id,
      version: version13,
      memoryCost: memoryKib,
      timeCost: iterations,
      parallelism,
      salt,
      outputLen,
    });
  return createArgon2idHasher(derive, parameters);
}
