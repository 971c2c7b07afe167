import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { inspectProcess } from '#platform/db/embedded/processes.ts';

export interface Started {
  readonly url: string;
  readonly fresh: boolean;
  readonly folder: string;
  readonly version: string;
}

export interface Refused {
  readonly refused: string;
  readonly remedy: string;
}

export interface ProcessOptions {
  readonly port?: number;
  readonly uid?: number;
  /** `embedded-run.ts` of another clone. */
  readonly program?: string;
}

/** A process of ours that runs the embedded PostgreSQL. */
export class EmbeddedProcess {
  readonly child: ChildProcess;
  readonly #said: string[] = [];
  readonly #ended: Promise<unknown>;

  constructor(dataDir: string, options: ProcessOptions = {}) {
    const program = options.program ?? fileURLToPath(new URL('embedded-run.ts', import.meta.url));
    const port = options.port === undefined ? [] : [String(options.port)];
    this.child = spawn(process.execPath, [program, dataDir, ...port], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // A process group of its own, as a terminal gives it one: a test can then press Ctrl-C on it.
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    this.#ended = once(this.child, 'exit');
    const { stdout } = this.child;
    if (stdout !== null) createInterface({ input: stdout }).on('line', (line) => this.#said.push(line));
  }

  async started(): Promise<Started> {
    const said = await this.says('url');
    if (!('url' in said)) throw new Error(`it did not start: ${JSON.stringify(said)}`);
    return said as Started;
  }

  async refused(): Promise<Refused> {
    const said = await this.says('refused');
    if (!('refused' in said)) throw new Error('it started');
    return said as Refused;
  }

  /** The first line that has `key`, or a refusal. */
  async says(key: string): Promise<object> {
    return eventually(async () => {
      const lines = this.#said.map((line) => JSON.parse(line) as object);
      return lines.find((line) => key in line || 'refused' in line);
    });
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.#ended;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Asks until there is an answer. The condition is always one that comes by itself; the limit only ends a failing test. */
export async function eventually<T>(ask: () => Promise<T | undefined | null | false>): Promise<T> {
  for (let attempt = 0; attempt < 3000; attempt += 1) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) return answer;
    await pause(20);
  }
  throw new Error('it never came');
}

export async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

export async function postmasterPid(folder: string): Promise<number | null> {
  const text = await readFile(join(folder, 'cluster', 'postmaster.pid'), 'utf8').catch(() => null);
  return text === null ? null : Number(text.split('\n')[0]);
}

/** Whether no such process is left; one that is dead but not yet collected counts as gone. */
export function isGone(pid: number): boolean {
  return inspectProcess(pid) === null;
}
