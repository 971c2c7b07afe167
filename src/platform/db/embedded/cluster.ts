import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Secret } from '#kernel/secret.ts';
import { type Account, giveTo, identityOptions } from './account.ts';
import { type Binaries, postgresEnvironment } from './binaries.ts';
import { cannotRun, damagedData, reasonOf, systemCode } from './failures.ts';
import type { Home } from './home.ts';

const superuser = 'sallyport';
/** The product's own database. */
export const database = 'sallyport';

const unfinishedPrefix = 'initialising-';

/** Where a database of the embedded PostgreSQL is reached; the product's own unless `name` says another. */
export function urlOf(password: Secret<string>, port: number, name: string = database): string {
  return `postgres://${superuser}:${password.reveal()}@127.0.0.1:${port}/${name}`;
}

/** A data folder that is fit to be started on, and who has to start it. */
export interface Cluster {
  readonly account: Account | null;
  readonly password: Secret<string>;
  readonly fresh: boolean;
}

/**
 * Makes the data folder, or checks the one that is there. It is made under another name and renamed when complete, so an
 * interrupted first start leaves nothing that looks like data. Throws a StartupError for a folder that is not usable.
 */
export async function prepareCluster(
  home: Home,
  binaries: Binaries,
  account: Account | null,
  durable: boolean,
): Promise<Cluster> {
  await removeUnfinished(home);
  const state = await inspectCluster(home, binaries);
  if (state === 'absent') {
    const password = await initialise(home, binaries, account, durable);
    return { account, password, fresh: true };
  }
  return { account: ownerOf(home, state.owner, account), password: await readPassword(home), fresh: false };
}

async function inspectCluster(home: Home, binaries: Binaries): Promise<'absent' | { owner: Account }> {
  const found = await stat(home.cluster).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw damagedData(home.folder, reasonOf(error), error);
  });
  if (found === null) return 'absent';
  try {
    if ((await readdir(home.cluster)).length === 0) return 'absent';
    const major = (await readFile(join(home.cluster, 'PG_VERSION'), 'utf8')).trim();
    const wanted = binaries.version.split('.')[0];
    if (major !== wanted)
      throw damagedData(home.folder, `it was made by PostgreSQL ${printable(major)}, this is PostgreSQL ${wanted}`);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const reason = code === 'ENOENT' ? `${home.cluster} holds no database (it has no file PG_VERSION)` : reasonOf(error);
    throw damagedData(home.folder, reason, error);
  }
  return { owner: { name: `user ${found.uid}`, uid: found.uid, gid: found.gid } };
}

function printable(version: string): string {
  return /^[\d.]{1,8}$/.test(version) ? version : 'of an unknown version';
}

/** Root runs PostgreSQL as whoever owns the data: it may have been made before, without root. */
function ownerOf(home: Home, owner: Account, account: Account | null): Account | null {
  if (account === null) {
    if (owner.uid === process.getuid?.()) return null;
    throw damagedData(home.folder, `${home.cluster} belongs to ${owner.name}, this process is user ${process.getuid?.()}`);
  }
  if (owner.uid === 0) throw damagedData(home.folder, `${home.cluster} belongs to root, whom PostgreSQL refuses to run as`);
  return owner.uid === account.uid ? account : owner;
}

/** The password of an existing cluster. Throws a StartupError when it can't be read. */
export async function readPassword(home: Home): Promise<Secret<string>> {
  const password = await readFile(home.password, 'utf8').catch((error: unknown) => {
    throw damagedData(home.folder, `its password can't be read (${reasonOf(error)})`, error);
  });
  return new Secret(password.trim());
}

async function initialise(home: Home, binaries: Binaries, account: Account | null, durable: boolean): Promise<Secret<string>> {
  const unfinished = join(home.folder, `${unfinishedPrefix}${randomBytes(6).toString('hex')}`);
  const password = new Secret(randomBytes(24).toString('base64url'));
  try {
    await rm(home.password, { force: true });
    await writeFile(home.password, `${password.reveal()}\n`, { mode: 0o600, flag: 'wx' });
    await giveTo(account, home.password);
    await mkdir(unfinished, { mode: 0o700 });
    await giveTo(account, unfinished);
    await runInitdb(unfinished, home.password, binaries, account, durable);
    await rename(unfinished, home.cluster);
    await syncFolder(home.folder);
    return password;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    if (systemCode(error) === undefined) throw error;
    throw cannotRun(`its data folder can't be made in ${home.folder} (${reasonOf(error)})`, error);
  }
}

/**
 * What earlier first starts left that did not live to the end: no program ever wrote data there. An initdb whose parent was
 * killed may still be filling the folder, so what can't be removed now stays for the next start.
 */
async function removeUnfinished(home: Home): Promise<void> {
  for (const name of await readdir(home.folder)) {
    if (!name.startsWith(unfinishedPrefix)) continue;
    await rm(join(home.folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => undefined);
  }
}

async function runInitdb(
  pgdata: string,
  passwordFile: string,
  binaries: Binaries,
  account: Account | null,
  durable: boolean,
): Promise<void> {
  const options = [
    `--pgdata=${pgdata}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Unicode's rules for upper and lower case, the order of code points: the same on every machine.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  const child = spawn(binaries.initdb, options, {
    ...identityOptions(account),
    cwd: pgdata,
    detached: true,
    env: postgresEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', (code) => resolve(code)),
  );
  const [code, complaint] = await Promise.all([ended, text(child.stderr)]);
  if (code !== 0) throw cannotRun(`initdb failed (${reasonOf(complaint.trim())})`);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
