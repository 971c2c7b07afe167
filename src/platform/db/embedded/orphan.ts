import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { damagedData } from './failures.ts';
import type { Home } from './home.ts';
import { inspectProcess } from './processes.ts';

const pollMs = 25;
const politeness = [
  { signal: 'SIGINT', waitMs: 15_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
] as const;

/**
 * Clears what a killed run left on the data folder: a PostgreSQL that still runs is stopped, and a `postmaster.pid` whose
 * number now belongs to another process is removed. Call it only while holding the folder's claim.
 */
export async function recoverFromEarlierRun(home: Home, log: (line: string) => void): Promise<void> {
  const file = join(home.cluster, 'postmaster.pid');
  const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const found = inspectProcess(pid);
  if (found?.commandLine === null) return; // Unknown to us: PostgreSQL judges the file by itself.
  if (found === null || !found.commandLine.includes(home.cluster)) {
    await rm(file, { force: true });
    return;
  }
  log(`stopping the PostgreSQL that an earlier run left behind (process ${pid})`);
  for (const { signal, waitMs } of politeness) {
    send(pid, signal);
    if (await hasEnded(pid, found.identity, waitMs)) return;
  }
  throw damagedData(home.folder, `a PostgreSQL of an earlier run still works on it and does not stop (process ${pid})`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile, or is not ours: what follows sees which.
  }
}

async function hasEnded(pid: number, identity: string, waitMs: number): Promise<boolean> {
  for (let waited = 0; waited < waitMs; waited += pollMs) {
    if (inspectProcess(pid)?.identity !== identity) return true;
    await pause(pollMs);
  }
  return false;
}
