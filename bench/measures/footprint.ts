import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, cpSync, mkdirSync, openSync, readdirSync, symlinkSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { memoryOfTree } from '../memory.ts';
import { answers, baseEnvironment, endProcess, freePort, projectFolder, waitUntil } from '../processes.ts';
import type { Finding, Measured } from '../report.ts';

const mib = 1024 * 1024;
const settleMs = 5_000;
const startWithinMs = 180_000;
const stopWithinMs = 20_000;
const leftOut = new Set(['node_modules', '.git', '.sallyport', 'bench', 'coverage']);

/** `npm start` in a copy of the work tree, with the embedded PostgreSQL: time of the second start, memory at rest. */
export async function measureFootprint(bench: Bench): Promise<Measured> {
  const { idleRssBytes } = await bench.product();
  const copy = copyOfProject(bench.folder);
  const port = await freePort();
  const first = await startByNpm(bench, copy, port);
  await stopNpm(first.child, port);
  await removeEmbedded(bench, copy);
  const second = await startByNpm(bench, copy, port);
  await pause(settleMs);
  const memory = await memoryOfTree(second.child.pid ?? 0);
  await stopNpm(second.child, port);
  const node = memory.filter(({ command }) => command.includes('main.ts')).reduce((sum, { rssBytes }) => sum + rssBytes, 0);
  const postgres = memory.filter(({ command }) => command.includes('postgres') && !command.includes('main.ts'));
  const postgresBytes = postgres.reduce((sum, { ownBytes }) => sum + ownBytes, 0);
  const findings: Finding[] = [
    { name: 'second `npm start` until ready', value: second.readyMs / 1000, unit: ' s', target: { atMost: 5 } },
    { name: 'memory at rest, production', value: idleRssBytes / mib, unit: ' MiB', target: { atMost: 250 } },
    ...(node === 0 ? [] : [{ name: 'memory at rest, `npm start`', value: node / mib, unit: ' MiB', target: { atMost: 250 } }]),
  ];
  return {
    name: 'footprint',
    findings,
    details: [
      `first \`npm start\`, which makes the database: ${(first.readyMs / 1000).toFixed(1)} s`,
      `beside it the embedded PostgreSQL: ${(postgresBytes / mib).toFixed(0)} MiB in ${postgres.length} processes, shared memory counted once`,
    ],
    data: { firstStartMs: first.readyMs, secondStartMs: second.readyMs, idleRssBytes, memory },
  };
}

/** The files as they are, with what was generated; the dependencies are the project's own. */
function copyOfProject(folder: string): string {
  const copy = join(folder, 'project');
  mkdirSync(copy, { mode: 0o711 });
  for (const name of readdirSync(projectFolder)) {
    if (leftOut.has(name) || name.startsWith('.env')) continue;
    cpSync(join(projectFolder, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(projectFolder, 'node_modules'), join(copy, 'node_modules'), 'dir');
  return copy;
}

async function startByNpm(bench: Bench, copy: string, port: number): Promise<{ child: ChildProcess; readyMs: number }> {
  const output = openSync(join(bench.folder, 'npm-start.log'), 'a');
  const startedAt = performance.now();
  const env = { ...baseEnvironment(), PORT: String(port) };
  const child = spawn('npm', ['start'], { cwd: copy, env, stdio: ['ignore', output, output] });
  closeSync(output);
  bench.defer(() => stopNpm(child, port));
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await waitUntil(answers(`http://127.0.0.1:${port}/health/ready`), '`npm start`', ended, startWithinMs).catch(async (cause) => {
    throw new Error(`npm start failed:\n${(await readFile(join(bench.folder, 'npm-start.log'), 'utf8')).slice(-4_000)}`, {
      cause,
    });
  });
  return { child, readyMs: performance.now() - startedAt };
}

/** npm may be gone before what it started has finished, so the port tells. */
async function stopNpm(child: ChildProcess, port: number): Promise<void> {
  const isListening = answers(`http://127.0.0.1:${port}/health/live`);
  await endProcess(child);
  await waitUntil(async () => !(await isListening().catch(() => false)), 'the end of `npm start`', undefined, stopWithinMs);
}

async function removeEmbedded(bench: Bench, copy: string): Promise<void> {
  const location = await readFile(join(copy, '.sallyport', 'postgres', 'location'), 'utf8').catch(() => null);
  if (location === null) return;
  bench.defer(() => rm(location.trim(), { recursive: true, force: true }));
}
