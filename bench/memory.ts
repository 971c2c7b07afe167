import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface ProcessMemory {
  readonly pid: number;
  readonly command: string;
  readonly rssBytes: number;
  /** Where Linux tells: memory that several processes share is divided among them. Else the same as `rssBytes`. */
  readonly ownBytes: number;
}

interface Row extends Omit<ProcessMemory, 'ownBytes'> {
  readonly parent: number;
}

/** The memory of a process and of everything that it started. Empty where there is no `ps`. */
export async function memoryOfTree(root: number): Promise<ProcessMemory[]> {
  const rows = await listProcesses().catch(() => []);
  const tree = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of rows) {
      if (tree.has(parent) && !tree.has(pid)) grown = Boolean(tree.add(pid));
    }
  }
  return Promise.all(
    rows
      .filter(({ pid }) => tree.has(pid))
      .map(async ({ pid, command, rssBytes }) => ({
        pid,
        command,
        rssBytes,
        ownBytes: (await proportionalBytes(pid)) ?? rssBytes,
      })),
  );
}

async function listProcesses(): Promise<Row[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,rss=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, kib, command] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (command === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), rssBytes: Number(kib) * 1024, command }];
  });
}

async function proportionalBytes(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kib = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}
