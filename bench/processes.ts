import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Question, Statement, Usage } from './probe.ts';

export const projectFolder = fileURLToPath(new URL('../', import.meta.url));
const probe = new URL('probe.ts', import.meta.url).href;

export interface ProgramOptions {
  readonly name: string;
  /** The program, absolute. */
  readonly entry: string;
  /** The whole environment besides PATH and the like: nothing of the caller's settings gets in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Node's own flags. */
  readonly flags?: readonly string[];
  /** Where its output goes. */
  readonly outputFile: string;
}

/** A measured program in a process of its own. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  usage(): Promise<Usage>;
  statements(request: string): Promise<readonly Statement[]>;
  /** Hands it work and waits for the result; for programs that answer `{ id, answer }`. */
  ask<Answer>(question: object): Promise<Answer>;
  stop(): Promise<void>;
}

const inherited = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG', 'TZ'];
const answerWithinMs = 120_000;
const endWithinMs = 20_000;

/** Starts a program under the probe. It is ready when `until` says so. */
export async function startProgram(options: ProgramOptions, until: () => Promise<boolean>): Promise<Program> {
  const output = openSync(options.outputFile, 'a');
  const env = { ...baseEnvironment(), ...options.env };
  const stdio: SpawnOptions['stdio'] = ['ignore', output, output, 'ipc'];
  const child = spawn(process.execPath, [...(options.flags ?? []), '--import', probe, options.entry], {
    cwd: projectFolder,
    env,
    stdio,
  });
  closeSync(output);
  const program = wrap(options, child);
  try {
    await waitUntil(until, options.name, () => child.exitCode !== null || child.signalCode !== null);
  } catch (error) {
    await program.stop();
    throw new Error(`${options.name} did not start. It said:\n${readFileSync(options.outputFile, 'utf8').slice(-4_000)}`, {
      cause: error,
    });
  }
  return program;
}

export function baseEnvironment(): Record<string, string> {
  return Object.fromEntries(inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}

function wrap({ name, outputFile }: ProgramOptions, child: ChildProcess): Program {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} can't be started`);
  let last = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  child.on('message', (message: { readonly id: number; readonly answer: unknown }) => {
    waiting.get(message.id)?.resolve(message.answer);
    waiting.delete(message.id);
  });
  child.once('exit', () => {
    const said = () => readFileSync(outputFile, 'utf8').slice(-4_000);
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended. It said:\n${said()}`));
  });
  const ask = async <Answer>(question: object): Promise<Answer> => {
    if (!child.connected) throw new Error(`${name} has ended`);
    last += 1;
    const id = last;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const timer = setTimeout(() => answer.reject(new Error(`${name} gave no answer`)), answerWithinMs);
    child.send({ ...question, id });
    try {
      return (await answer.promise) as Answer;
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    name,
    pid,
    ask,
    usage: () => ask<Usage>({ ask: 'usage' } satisfies Omit<Question, 'id'>),
    statements: (request) => ask<Statement[]>({ ask: 'statements', request } satisfies Omit<Question, 'id'>),
    stop: () => endProcess(child),
  };
}

/** Ends a process that was started here: first it is asked to, then it is made to. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), endWithinMs);
  await ended;
  clearTimeout(timer);
}

const startWithinMs = 60_000;
const lookEveryMs = 20;

/** Looks again and again until `check` holds. Throws when it takes too long, or as soon as `given up` holds. */
export async function waitUntil(
  check: () => Promise<boolean>,
  what: string,
  givenUp: () => boolean = () => false,
  withinMs = startWithinMs,
): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await check().catch(() => false))) {
    if (givenUp()) throw new Error(`${what} ended`);
    if (performance.now() > until) throw new Error(`${what} is not ready after ${withinMs / 1000} s`);
    await pause(lookEveryMs);
  }
}

export function answers(url: string): () => Promise<boolean> {
  return async () => (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200;
}

/** A port that nothing listens on just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
