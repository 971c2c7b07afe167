import { createArgon2idHasher, type DeriveArgon2id } from './argon2id-hasher.ts';
import type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';

const version13 = 0x13;

/** Argon2id by argon2 (the reference C code). Rejects where the package was neither prebuilt nor compiled. */
export async function loadNodeArgon2Hasher(parameters: PasswordHashParameters): Promise<PasswordHasher> {
  const { default: argon2 } = await import('argon2');
  const derive: DeriveArgon2id = (password, salt, { memoryKib, iterations, parallelism }, hashLength) =>
    argon2.hash(password, {
      raw: true,
      type: argon2.argon2id,
      version: version13,
      memoryCost: memoryKib,
      timeCost: iterations,
      parallelism,
      salt,
      hashLength,
    });
  return createArgon2idHasher(derive, parameters);
}
