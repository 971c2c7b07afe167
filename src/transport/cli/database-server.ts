import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsDatabase, loadOrCreateDevelopmentKey } from '#platform/config/development-key.ts';
import { loadConfig } from '#platform/config/load.ts';

/** Runs `work` with the URL of the deployment's database: that of DATABASE_URL, or the embedded one, started for the time of it. */
export async function withProjectDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const config = loadConfig();
  if (config.database.url !== undefined) return work(config.database.url.reveal());
  // A database that a command made before the first start would otherwise look like one whose key was lost.
  if (config.masterKey === undefined && !holdsDatabase(config.dataDir)) loadOrCreateDevelopmentKey(config.dataDir);
  return withEmbedded(join(config.dataDir, 'postgres'), true, work);
}

/** The same for work that a running server does not mind: its embedded PostgreSQL is used, and left running. */
export async function besideProjectDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  const config = loadConfig();
  if (config.database.url === undefined) {
    const { attachEmbeddedPostgres } = await import('#platform/db/embedded/index.ts');
    const running = await attachEmbeddedPostgres(join(config.dataDir, 'postgres'));
    if (running) return work(running.url.reveal());
  }
  return withProjectDatabase(work);
}

/** Runs `work` with a server for scratch databases: that of DATABASE_URL, or a new embedded one that is deleted afterwards. */
export async function withThrowawayServer<T>(work: (url: string) => Promise<T>): Promise<T> {
  const { url } = loadConfig().database;
  if (url !== undefined) return work(url.reveal());
  const dataDir = await mkdtemp(join(tmpdir(), 'sallyport-check-'));
  try {
    return await withEmbedded(join(dataDir, 'postgres'), false, work);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function withEmbedded<T>(dataDir: string, keep: boolean, work: (url: string) => Promise<T>): Promise<T> {
  const { startEmbeddedPostgres } = await import('#platform/db/embedded/index.ts');
  const server = await startEmbeddedPostgres({ dataDir, durable: keep, log: () => undefined });
  try {
    return await work(server.url.reveal());
  } finally {
    await server.stop();
    // The data may stand elsewhere than asked for, where the account that runs PostgreSQL could not enter.
    if (!keep) await rm(server.folder, { recursive: true, force: true });
  }
}
