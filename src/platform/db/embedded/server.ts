import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Account, identityOptions } from './account.ts';
import { type Binaries, postgresEnvironment } from './binaries.ts';
import { reasonOf } from './failures.ts';

export interface ServerOptions {
  readonly binaries: Binaries;
  readonly cluster: string;
  readonly account: Account | null;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

export interface Server {
  /** Resolves when the process is gone, with what it last said. */
  readonly ended: Promise<string>;
  /** A fast shutdown: open transactions are rolled back, everything is written. */
  stop(): Promise<void>;
}

/** PostgreSQL ended before it was ready; the message is its own. */
export class ServerDidNotStart extends Error {}

const shutdownSteps = [
  { signal: 'SIGINT', waitMs: 15_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

/** Starts PostgreSQL and waits until it accepts connections. Throws ServerDidNotStart. */
export async function launchServer(options: ServerOptions): Promise<Server> {
  const settings = Object.entries({
    ...options.settings,
    listen_addresses: '127.0.0.1',
    port: String(options.port),
    unix_socket_directories: '',
    logging_collector: 'off',
    log_destination: 'stderr',
    // The line that says it is ready is a LOG line, which a stricter level would hide.
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    lc_messages: 'C',
    timezone: 'UTC',
    log_timezone: 'UTC',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(options.binaries.postgres, ['-D', options.cluster, ...settings], {
    ...identityOptions(options.account),
    cwd: '/',
    // A process group of its own: Ctrl-C in the terminal reaches us, and we stop it when the last request is done with it.
    detached: true,
    env: postgresEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const last = new LastWords();
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(reasonOf(error)));
    child.once('close', (code, signal) =>
      resolve(last.orElse(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`)),
    );
  });
  const release = watchOver(child, ended);
  const ready = new Promise<'ready'>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      last.hear(line);
      options.log(line);
      if (line.includes('database system is ready to accept connections')) resolve('ready');
    });
  });
  const outcome = await Promise.race([ready, ended]);
  if (outcome !== 'ready') {
    await release;
    throw new ServerDidNotStart(outcome);
  }
  return { ended, stop: () => shutDown(child, ended) };
}

/**
 * A shell that stops PostgreSQL when this process is killed without a chance to: its input then ends without a line.
 * Resolves when the shell is gone too.
 */
async function watchOver(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.pid === undefined) return;
  const watcher = spawn('/bin/sh', ['-c', 'read -r line || kill -INT "$0"', String(child.pid)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Where there is no shell, the next start finds what this one left and stops it.
  const gone = once(watcher, 'exit').catch(() => undefined);
  watcher.stdin.on('error', () => undefined);
  await ended;
  watcher.stdin.end('ended\n');
  await gone;
}

async function shutDown(child: ChildProcess, ended: Promise<string>): Promise<void> {
  for (const { signal, waitMs } of shutdownSteps) {
    child.kill(signal);
    const patience = new AbortController();
    const waited = pause(waitMs, 'waited' as const, { signal: patience.signal, ref: false }).catch(() => 'aborted' as const);
    const outcome = await Promise.race([ended, waited]);
    patience.abort();
    if (outcome !== 'waited') return;
  }
  throw new Error(`PostgreSQL does not stop (process ${child.pid})`);
}

const longestComplaint = 5;

/** Remembers why PostgreSQL gave up: its last fatal line, or without one the last lines it said, which are one sentence. */
class LastWords {
  #fatal: string | null = null;
  #plain: string[] = [];

  hear(line: string): void {
    const spoken = /^(?:.*? (?=[A-Z]+: ))?(?:([A-Z]+): +)?(.*)$/.exec(line);
    const [, severity, words = line] = spoken ?? [];
    if (severity === 'FATAL' || severity === 'PANIC') this.#fatal = words;
    else if (severity === undefined && words.trim() !== '') this.#plain = [...this.#plain, words.trim()].slice(-longestComplaint);
  }

  orElse(fallback: string): string {
    return this.#fatal ?? (this.#plain.join(' ').replace(/^postgres: /, '') || fallback);
  }
}
