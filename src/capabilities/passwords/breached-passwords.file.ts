import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { StartupError } from '#platform/config/startup-error.ts';
import { type BreachedPasswords, loadBreachedPasswords } from './breached-passwords.ts';

/** The list that comes with the product. */
export const bundledBreachedPasswords = fileURLToPath(new URL('data/breached-passwords.bin', import.meta.url));

/**
 * Reads a list once, at start. Throws StartupError where the file is missing or damaged: without the list a new password
 * can't be screened (NIST SP 800-63B-4, 3.1.1.2 makes it a duty), so the product does not start rather than skip it.
 */
export async function readBreachedPasswords(path: string = bundledBreachedPasswords): Promise<BreachedPasswords> {
  try {
    return loadBreachedPasswords(await readFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(
      `The list of breached passwords at ${path} cannot be used: ${reason}.`,
      'Restore the file, or rebuild it with `node scripts/build-breached-passwords.mjs`.',
      { cause },
    );
  }
}
