import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { systemCode } from './failures.ts';

export interface ProcessFacts {
  /** Tells this process from a later one that was given the same number. */
  readonly identity: string;
  /** Null where the system does not tell. */
  readonly commandLine: string | null;
}

/** What the system knows of process `pid`; null when there is none, or only a dead one that nobody has collected yet. */
export function inspectProcess(pid: number): ProcessFacts | null {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) !== 'EPERM') return null;
  }
  return process.platform === 'linux' ? fromProcFolder(pid) : fromPs(pid);
}

function fromProcFolder(pid: number): ProcessFacts | null {
  const status = read(`/proc/${pid}/stat`);
  if (status === null) return { identity: 'unknown', commandLine: null };
  // The name, in parentheses, may itself hold spaces and parentheses; the state is field 3, the start time field 22.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  const commandLine = read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
  return { identity: `started ${fields[19]}`, commandLine: commandLine === undefined || commandLine === '' ? null : commandLine };
}

function fromPs(pid: number): ProcessFacts | null {
  const result = spawnSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-o', 'command=', '-p', String(pid)], {
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' },
    encoding: 'utf8',
  });
  const parts = /^(\S+)\s+(\w+ +\w+ +\d+ +[\d:]+ +\d+)\s+(.*)$/s.exec((result.stdout ?? '').trim());
  if (parts === null) return { identity: 'unknown', commandLine: null };
  const [, state = '', started, commandLine = ''] = parts;
  return state.startsWith('Z') ? null : { identity: `started ${started}`, commandLine };
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
