import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '#kernel/secret.ts';
import { StartupError } from './startup-error.ts';

const fileName = 'development-master-key';
const keyLength = 32;

/** Where the master key of a development deployment lies. */
export function developmentKeyFile(dataDir: string): string {
  return join(dataDir, fileName);
}

/**
 * The master key of a development deployment, made on first use and kept in `dataDir` (mode 0600), so that what it encrypts
 * can still be read after a restart. Never called in production, where MASTER_KEY is required.
 * @throws StartupError when the file cannot be written, does not hold a key, or is missing beside a database that was made
 * with it.
 */
export function loadOrCreateDevelopmentKey(dataDir: string): Secret<Buffer> {
  const file = developmentKeyFile(dataDir);
  try {
    return read(file) ?? create(dataDir, file);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`The development master key ${file} can't be kept.`, 'Make DATA_DIR writable, or set MASTER_KEY.', {
      cause: error,
    });
  }
}

function read(file: string): Secret<Buffer> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const key = Buffer.from(text, 'base64url');
  if (!/^[A-Za-z0-9_-]{43}$/.test(text) || key.length !== keyLength) {
    throw new StartupError(
      `The file ${file} does not hold a master key.`,
      'Restore it, or remove DATA_DIR to begin anew: what the old key encrypted is lost.',
    );
  }
  chmodSync(file, 0o600);
  return new Secret(key);
}

/** Whether an embedded PostgreSQL has its data in `dataDir`, or elsewhere and noted there: see platform/db/embedded/home.ts. */
export function holdsDatabase(dataDir: string): boolean {
  const folder = join(dataDir, 'postgres');
  if (existsSync(join(folder, 'cluster'))) return true;
  const location = join(folder, 'location');
  return existsSync(location) && existsSync(join(readFileSync(location, 'utf8').trim(), 'cluster'));
}

/** Writes beside and links into place: two nodes that start at once end up with the same key, and never with half of one. */
function create(dataDir: string, file: string): Secret<Buffer> {
  // A new key would open nothing of it: better no start than one where nobody can sign in.
  if (holdsDatabase(dataDir)) {
    throw new StartupError(
      `The development master key ${file} is missing, and the database beside it was made with it.`,
      `Restore the file (or set MASTER_KEY to what it held), or move ${join(dataDir, 'postgres')} away to begin with an empty database.`,
    );
  }
  mkdirSync(dataDir, { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(keyLength).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const key = read(file);
  if (key === undefined) throw new Error('the file vanished after it was made');
  return key;
}
