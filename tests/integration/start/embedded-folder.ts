import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished, vi } from 'vitest';
import { EmbeddedProcess, type ProcessOptions } from './embedded-process.ts';

// A test here may make three databases, each with programs of its own: on a busy machine that takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

export const isRoot = process.getuid?.() === 0;

/** A folder that goes with the test, open to other users or, like root's home, closed to them. */
export async function temporaryFolder(mode: 0o711 | 0o700 = 0o711): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-start-'));
  await chmod(folder, mode);
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/**
 * Removes a folder that processes of the test may still be leaving: those of a PostgreSQL or an initdb whose parent was
 * killed end by themselves, but write until they do.
 */
export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Starts a process that ends with the test, however the test ends. */
export function run(dataDir: string, options: ProcessOptions = {}): EmbeddedProcess {
  const started = new EmbeddedProcess(dataDir, options);
  onTestFinished(() => started.stop());
  return started;
}

/** A data folder with a stopped database in it: a copy of one that is made once for each test file. */
export async function stoppedDatabase(): Promise<string> {
  original ??= makeOriginal();
  const dataDir = join(await temporaryFolder(), 'postgres');
  copyFolder(await original, dataDir);
  return dataDir;
}

let original: Promise<string> | undefined;
let originalFolder: string | undefined;

afterAll(async () => {
  if (originalFolder !== undefined) await removeFolder(originalFolder);
});

async function makeOriginal(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-start-'));
  originalFolder = folder;
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'postgres');
  const first = new EmbeddedProcess(dataDir);
  await first.started();
  await first.stop();
  return dataDir;
}

/** All paths below `folder`, to prove that nothing was deleted. PostgreSQL itself makes its caches anew at each start. */
export async function everythingBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((path) => !path.endsWith('pg_internal.init')).sort();
}

/** Copies with owners and modes, as a backup would. */
export function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-a', from, to]);
}
