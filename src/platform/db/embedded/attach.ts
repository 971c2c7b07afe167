import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Secret } from '#kernel/secret.ts';
import { accountForPostgres } from './account.ts';
import { holderOf } from './claim.ts';
import { readPassword, urlOf } from './cluster.ts';
import { alreadyRunning } from './failures.ts';
import { chooseHome, type Home } from './home.ts';
import { inspectProcess } from './processes.ts';

const attempts = 120;
const pauseBetweenMs = 250;

/**
 * The embedded PostgreSQL that another process of ours runs on `dataDir`, or null when none does. One that is just starting
 * is waited for. It is that process's: nobody else stops it. Throws a StartupError when it does not become ready.
 */
export async function attachEmbeddedPostgres(
  dataDir: string,
): Promise<{ readonly url: Secret<string>; readonly folder: string } | null> {
  const home = await chooseHome(dataDir, await accountForPostgres());
  let holder = await holderOf(home.folder);
  for (let attempt = 0; holder !== null && attempt < attempts; attempt += 1) {
    const port = await readyPort(home);
    if (port !== null) return { url: new Secret(urlOf(await readPassword(home), port)), folder: home.folder };
    await pause(pauseBetweenMs);
    holder = await holderOf(home.folder);
  }
  if (holder !== null) throw alreadyRunning(holder);
  return null;
}

/** As PostgreSQL's own postmaster.pid tells: process, folder, start, port, sockets, address, memory, status. */
async function readyPort(home: Home): Promise<number | null> {
  const lines = (await readFile(join(home.cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, , , port] = lines.map(Number);
  if (lines[7]?.trim() !== 'ready' || !pid || !port) return null;
  // Left by a PostgreSQL that was killed: its port may be anybody's now, who must not be sent the password.
  const found = inspectProcess(pid);
  return found !== null && (found.commandLine === null || found.commandLine.includes(home.cluster)) ? port : null;
}
