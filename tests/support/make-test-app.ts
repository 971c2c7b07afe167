import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningNode, startNode } from '#app/compose.ts';
import type { Clock } from '#kernel/clock.ts';
import { Secret } from '#kernel/secret.ts';
import { loadConfig } from '#platform/config/load.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import type { StoredMail } from '#platform/mail/index.ts';
import type { EventLoopLag } from '#platform/observability/event-loop-lag.ts';
import type { LogFields, Logger } from '#platform/observability/logger.ts';
import { createTestDatabase } from './test-database.ts';

export interface TestClock extends Clock {
  /** Never set back: goes on by what a test advances, and by the real time. */
  monotonicMs(): number;
  advance(seconds: number): void;
}

/** The real time plus whatever a test adds: nothing is waited for. */
export function createTestClock(): TestClock {
  let offsetMs = 0;
  return {
    now: () => new Date(Date.now() + offsetMs),
    monotonicMs: () => performance.now() + offsetMs,
    advance: (seconds) => {
      offsetMs += seconds * 1000;
    },
  };
}

/** Stands still but for what a test adds: waits and times are exact, and nothing runs out while a test is slow. */
export function createFrozenClock(): TestClock {
  let nowMs = Date.now();
  let advancedMs = 0;
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => performance.now() + advancedMs,
    advance: (seconds) => {
      nowMs += seconds * 1000;
      advancedMs += seconds * 1000;
    },
  };
}

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestApp {
  /** Without a closing slash. */
  readonly url: string;
  readonly node: RunningNode;
  readonly clock: TestClock;
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly masterKey: string;
  readonly logs: readonly LogEntry[];
  readonly mailbox: { list(): Promise<StoredMail[]>; waitFor(to: string, subject: RegExp): Promise<StoredMail> };
  close(): Promise<void>;
}

export interface TestAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another node of the same deployment: same database, same master key, same mailbox. */
  readonly besides?: TestApp;
  readonly clock?: TestClock;
  readonly pagesFolder?: string;
  /** Gets the log instead of `logs`. */
  readonly logger?: Logger;
  /** Read for load shedding instead of the real one. */
  readonly eventLoopLag?: EventLoopLag;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function recordingLogger(logs: LogEntry[], bound: LogFields = {}): Logger {
  const write = (level: string) => (message: string, fields?: LogFields) =>
    void logs.push({ level, message, fields: { ...bound, ...fields } });
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => recordingLogger(logs, { ...bound, ...fields }),
  };
}

const bindAttempts = 5;

/** Until a port is had: another process may bind the free one that was found before the product gets to it. */
async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort());
    } catch (error) {
      const taken = error instanceof StartupError && error.message.includes('EADDRINUSE');
      if (!taken || attempt === bindAttempts) throw error;
    }
  }
}

/** The whole product on a database and a port of its own, with cheap password hashing and a clock that tests move. */
export async function makeTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { besides } = options;
  const database = besides ? { url: besides.databaseUrl, drop: async () => {} } : await createTestDatabase();
  const dataDir = besides?.dataDir ?? (await mkdtemp(join(tmpdir(), 'sallyport-test-')));
  const masterKey = besides?.masterKey ?? randomBytes(32).toString('base64url');
  const clock = options.clock ?? besides?.clock ?? createTestClock();
  const logs: LogEntry[] = [];
  const environment = {
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    DATABASE_START_RETRY_SECONDS: '5',
    // A machine that runs many tests at once may stand still for longer than a deployment should wait.
    DATABASE_CONNECT_TIMEOUT_MS: '30000',
    MASTER_KEY: masterKey,
    DATA_DIR: dataDir,
    ARGON2_MEMORY_KIB: '64',
    ARGON2_ITERATIONS: '1',
    SHUTDOWN_GRACE_SECONDS: '2',
    // The machine that runs the tests is busy with the others; only a test that injects the lag means it.
    ...(options.eventLoopLag === undefined ? { SHED_EVENT_LOOP_LAG_MS: '60000' } : {}),
    ...options.env,
  };
  const { masterKey: key, database: settings } = loadConfig(environment);
  const databaseUrl = settings.url ?? new Secret(database.url);
  if (!key) throw new Error('the test gave no master key');
  const node = await onFreePort((port) =>
    startNode({
      config: loadConfig({ PORT: String(port), ...environment }),
      databaseUrl,
      masterKey: key,
      logger: options.logger ?? recordingLogger(logs),
      clock,
      monotonicMs: clock.monotonicMs,
      ...(options.pagesFolder === undefined ? {} : { pagesFolder: options.pagesFolder }),
      ...(options.eventLoopLag === undefined ? {} : { eventLoopLag: options.eventLoopLag }),
    }),
  );
  const list = async () => (await node.mailbox?.list()) ?? [];
  let closed = false;
  return {
    url: `http://localhost:${new URL(node.url).port}`,
    node,
    clock,
    databaseUrl: databaseUrl.reveal(),
    dataDir,
    masterKey,
    logs,
    mailbox: { list, waitFor: (to, subject) => waitForMail(list, to, subject) },
    close: async () => {
      if (closed) return;
      closed = true;
      await node.drain('test over');
      if (process.env['SHOW_LOGS'])
        for (const { level, message, fields } of logs)
          if (level === 'error' || level === 'warn') console.error(level, message, fields);
      await database.drop();
      if (!besides) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Jobs send mail in the background: looks until it is there, however busy the machine; the limit only ends a failing test. */
async function waitForMail(list: () => Promise<StoredMail[]>, to: string, subject: RegExp): Promise<StoredMail> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const mail = (await list()).find((candidate) => candidate.to === to && subject.test(candidate.subject));
    if (mail) return mail;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`no mail "${subject.source}" came for ${to}`);
}
