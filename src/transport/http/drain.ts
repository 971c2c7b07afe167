import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from '#platform/observability/logger.ts';
import type { DrainState } from './drain-state.ts';

/** Something that must be closed on the way out. The order of the list is the order of closing. */
export interface Closer {
  readonly name: string;
  close(): Promise<void> | void;
}

export interface DrainDeps {
  readonly app: FastifyInstance;
  readonly drainState: DrainState;
  readonly logger: Logger;
  readonly graceSeconds: number;
  /** Before HTTP ends: whatever holds connections open by itself, such as WebSockets. */
  readonly beforeHttp?: readonly Closer[];
  /** After the last answer: jobs, then caches, then the database. */
  readonly afterHttp?: readonly Closer[];
  /** How long one closer may take. */
  readonly closerTimeoutMs?: number;
}

export type ExitCode = 0 | 1;

const defaultCloserTimeoutMs = 5_000;

/**
 * A function that takes this node out of service: readiness turns 503, no new connection is taken, idle ones end, requests
 * in flight have `graceSeconds`, then the closers run in order. Every call returns the same promise of the exit code: 1 when
 * a closer failed. Requests that had to be cut are logged, and no failure.
 */
export function createDrain(deps: DrainDeps): (reason: string) => Promise<ExitCode> {
  const sockets = trackSockets(deps.app);
  let under: Promise<ExitCode> | undefined;
  return (reason) => {
    under ??= drain(deps, sockets, reason);
    return under;
  };
}

async function drain(deps: DrainDeps, sockets: ReadonlySet<Socket>, reason: string): Promise<ExitCode> {
  const { drainState, logger, graceSeconds, beforeHttp = [], afterHttp = [] } = deps;
  const timeoutMs = deps.closerTimeoutMs ?? defaultCloserTimeoutMs;
  logger.info('draining', { reason, graceSeconds });
  drainState.begin();
  const closings: Closing[] = [
    ...beforeHttp.map((closer) => inTime(closer, timeoutMs)),
    { name: 'http', run: () => closeHttp(deps, sockets, timeoutMs) },
    ...afterHttp.map((closer) => inTime(closer, timeoutMs)),
  ];
  const clean = await closeAll(closings, logger);
  logger.info('drained');
  return clean ? 0 : 1;
}

async function closeHttp(
  { app, logger, graceSeconds }: DrainDeps,
  sockets: ReadonlySet<Socket>,
  timeoutMs: number,
): Promise<void> {
  const closing = Promise.resolve(app.close());
  if (await within(closing, graceSeconds * 1000)) return;
  logger.warn('requests in flight were cut', { connections: sockets.size });
  for (const socket of sockets) socket.destroy();
  if (!(await within(closing, timeoutMs))) throw new Error(`took longer than ${timeoutMs} ms`);
}

/** All open connections, those that became WebSockets too; Node's own count leaves those out. */
function trackSockets(app: FastifyInstance): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

interface Closing {
  readonly name: string;
  readonly run: () => Promise<void>;
}

function inTime(closer: Closer, timeoutMs: number): Closing {
  const run = async () => {
    if (!(await within(Promise.resolve(closer.close()), timeoutMs))) throw new Error(`took longer than ${timeoutMs} ms`);
  };
  return { name: closer.name, run };
}

/** One after the other; a failure is logged and does not keep the others from closing. */
async function closeAll(closings: readonly Closing[], logger: Logger): Promise<boolean> {
  let clean = true;
  for (const { name, run } of closings) {
    try {
      await run();
    } catch (error) {
      clean = false;
      logger.error('closing failed', { closer: name, error });
    }
  }
  return clean;
}

/** Whether `work` ended in time. Rejects as `work` does. */
async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  const finished = new AbortController();
  const timeout = pause(ms, false, { signal: finished.signal });
  // Ending the pause early rejects it; the race is over by then.
  timeout.catch(() => {});
  try {
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    finished.abort();
  }
}

export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/** The first SIGTERM or SIGINT drains and exits with its code; a second one exits at once with 1. */
export function drainOnSignals(
  drainNode: (reason: string) => Promise<ExitCode>,
  exit: (code: ExitCode) => void,
  signals: SignalSource = process,
): void {
  let signalled = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    signals.on(signal, () => {
      if (signalled) return exit(1);
      signalled = true;
      drainNode(signal).then(exit, () => exit(1));
    });
  }
}
