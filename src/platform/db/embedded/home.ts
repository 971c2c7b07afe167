import { randomBytes } from 'node:crypto';
import { mkdir, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Account, canEnter } from './account.ts';
import { cannotRun, damagedData, reasonOf, systemCode } from './failures.ts';

/** Where data goes whose project folder is closed to the user that PostgreSQL runs as. */
export const systemFolder = '/var/lib/sallyport';

/** The folder of one embedded PostgreSQL and what stands in it. */
export interface Home {
  readonly folder: string;
  /** PostgreSQL's own data folder. */
  readonly cluster: string;
  readonly password: string;
  readonly port: string;
}

/**
 * Decides where the data lives: in `dataDir`, or, where `account` can't enter that, in a folder of its own below
 * /var/lib/sallyport which the file `dataDir/location` names. A fresh clone has no such file, so it begins with an empty
 * database even at a path that an earlier clone had.
 */
export async function chooseHome(dataDir: string, account: Account | null): Promise<Home> {
  await makeFolder(dataDir, 0o711);
  const place = await realpath(dataDir);
  const elsewhere = account === null ? null : await rememberedLocation(place);
  if (elsewhere !== null) return layout(elsewhere);
  if (account === null || canEnter(account, place)) return layout(place);
  if (await isFolder(join(place, 'cluster'))) {
    throw damagedData(place, `the user ${account.name}, which PostgreSQL runs as when started by root, can't enter ${place}`);
  }
  return layout(await newLocation(place));
}

function layout(folder: string): Home {
  return { folder, cluster: join(folder, 'cluster'), password: join(folder, 'password'), port: join(folder, 'port') };
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder, { mode });
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await isFolder(folder))) return;
    throw cannotRun(`the folder ${folder} can't be made (${reasonOf(error)})`, error);
  }
}

async function rememberedLocation(place: string): Promise<string | null> {
  const location = await readLine(join(place, 'location'));
  if (location === null || !location.startsWith(`${systemFolder}/`) || !(await isFolder(location))) return null;
  const owner = await readLine(join(location, 'project'));
  if (owner === place) return location;
  // The project was moved, or copied. A copy must not share the database of its original, which is still in its place.
  if (owner !== null && (await readLine(join(owner, 'location'))) === location) return null;
  await writeFile(join(location, 'project'), `${place}\n`);
  return location;
}

async function newLocation(place: string): Promise<string> {
  const location = join(systemFolder, randomBytes(8).toString('hex'));
  await makeFolder(systemFolder, 0o755);
  await makeFolder(location, 0o711);
  await writeFile(join(location, 'project'), `${place}\n`);
  await writeFile(join(place, 'location'), `${location}\n`);
  return location;
}

async function readLine(file: string): Promise<string | null> {
  return readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
