import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alreadyRunning, damagedData, systemCode } from './failures.ts';
import { inspectProcess } from './processes.ts';

export interface Claim {
  release(): Promise<void>;
}

/**
 * Makes this process the only one to work on `folder`. A claim whose process is gone, killed or lost with the machine, is
 * taken over. Throws a StartupError that names the process when one is alive.
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const file = join(folder, 'claim');
  const mine = JSON.stringify({
    pid: process.pid,
    identity: inspectProcess(process.pid)?.identity,
    token: randomBytes(8).toString('hex'),
  });
  const draft = join(folder, `claim.${randomBytes(6).toString('hex')}`);
  try {
    await writeFile(draft, mine, { mode: 0o600, flag: 'wx' });
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await linkedFirst(draft, file)) return { release: () => releaseClaim(file, mine) };
      const theirs = await readFile(file, 'utf8').catch(() => null);
      if (theirs === null) continue;
      const holder = livingHolder(theirs);
      if (holder !== null) throw alreadyRunning(holder);
      await takeAway(file, theirs);
    }
    throw damagedData(folder, `its file ${file} keeps changing`);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The process that works on `folder` now; null when none does. */
export async function holderOf(folder: string): Promise<number | null> {
  const claim = await readFile(join(folder, 'claim'), 'utf8').catch(() => null);
  return claim === null ? null : livingHolder(claim);
}

// A link fails when the name exists, and the file is complete the moment it has the name.
async function linkedFirst(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function livingHolder(claim: string): number | null {
  try {
    const { pid, identity } = JSON.parse(claim) as { pid?: unknown; identity?: unknown };
    if (typeof pid !== 'number') return null;
    return inspectProcess(pid)?.identity === identity ? pid : null;
  } catch {
    return null;
  }
}

/** Removes the dead claim `stale`. Should another start have put its own there meanwhile, that one goes back. */
async function takeAway(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== stale) await linkedFirst(aside, file);
  await rm(aside, { force: true });
}

async function releaseClaim(file: string, mine: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => null)) === mine) await rm(file, { force: true });
}
