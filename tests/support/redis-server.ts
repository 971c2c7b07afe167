import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

/**
 * Whether to kill primaries of Sentinel and Cluster under load. Their other members must answer each other within half a second
 * meanwhile, which a machine that runs all tests at once does not promise: `npm run test:failover` runs these by themselves.
 */
export const failoverTests = process.env['FAILOVER_TESTS'] === '1';

export interface TestRedis {
  readonly port: number;
  readonly url: string;
  /** Sends one command past the product. */
  call(command: string, ...args: string[]): Promise<unknown>;
  /** Cuts every subscribed connection, as a failover does. */
  cutSubscribers(): Promise<void>;
  /** Ends it at once, as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again at the same port: empty, unless its options say otherwise. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis of the test's own, which stores nothing but what `options` demand; null where this machine has no redis-server. */
export async function startRedis(options: readonly string[] = [], { sentinel = false } = {}): Promise<TestRedis | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-redis-'));
  const port = await freePort();
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  // Sentinel keeps what it knows in its configuration file, and does not start without one.
  const file = join(folder, 'sentinel.conf');
  if (sentinel) await writeFile(file, '');
  const kind = sentinel ? [file, '--sentinel'] : ['--save', '', '--appendonly', 'no'];
  let server: ChildProcess | null = null;
  const start = async () => {
    server = await spawned([...kind, ...own, ...options]);
    return server !== null;
  };
  if (!(await start())) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  // Tries again until the server listens.
  const control = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 20, maxRetriesPerRequest: 500 });
  control.on('error', () => undefined);
  await control.ping();
  const end = async (signal: NodeJS.Signals) => {
    const ending = server;
    server = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await ended;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    call: (command, ...args) => control.call(command, ...args),
    cutSubscribers: async () => void (await control.call('client', 'kill', 'type', 'pubsub')),
    kill: () => end('SIGKILL'),
    restart: async () => {
      await start();
      await control.ping();
    },
    stop: async () => {
      control.disconnect();
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function spawned(options: readonly string[]): Promise<ChildProcess | null> {
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  // Also when a set-up fails before it can be stopped.
  process.once('exit', () => server.kill('SIGKILL'));
  return await new Promise((resolve) => {
    server.once('spawn', () => resolve(server));
    server.once('error', () => resolve(null));
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
