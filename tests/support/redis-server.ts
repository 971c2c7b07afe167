import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

export interface TestRedis {
  readonly url: string;
  /** Cuts every subscribed connection, as a failover does. */
  cutSubscribers(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis of the test's own, which stores nothing; null where this machine has no redis-server. */
export async function startRedis(): Promise<TestRedis | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-test-redis-'));
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
  const server = spawn('redis-server', options, { stdio: 'ignore' });
  const started = await new Promise<boolean>((resolve) => {
    server.once('spawn', () => resolve(true));
    server.once('error', () => resolve(false));
  });
  if (!started) {
    await rm(folder, { recursive: true, force: true });
    return null;
  }
  const url = `redis://127.0.0.1:${port}`;
  // Tries again until the server listens.
  const control = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  control.on('error', () => undefined);
  await control.ping();
  return {
    url,
    cutSubscribers: async () => void (await control.call('client', 'kill', 'type', 'pubsub')),
    stop: async () => {
      control.disconnect();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
