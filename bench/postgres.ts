import { randomBytes } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/platform/db/embedded/index.ts';

export interface BenchPostgres {
  /** Such as `18.4, embedded`. */
  readonly description: string;
  /** A new database of its own; dropped by `close`. */
  createDatabase(purpose: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * The PostgreSQL that all servers share: the machine's own where BENCH_DATABASE_URL or DATABASE_URL names it, else an embedded
 * one in `folder`, which is removed afterwards. Both write durably, as in production.
 */
export async function openPostgres(folder: string): Promise<BenchPostgres> {
  const given = process.env['BENCH_DATABASE_URL'] || process.env['DATABASE_URL'];
  if (given) return onServer(given, 'given by the environment', async () => undefined);
  // Started by root, PostgreSQL runs as another user, who has to pass through here.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
  return onServer(server.url.reveal(), 'embedded', async () => {
    await server.stop();
    await rm(server.folder, { recursive: true, force: true });
  });
}

async function onServer(adminUrl: string, origin: string, stop: () => Promise<void>): Promise<BenchPostgres> {
  const created: string[] = [];
  const asAdmin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const version = await asAdmin((client) => client.query<{ server_version: string }>('show server_version'));
  return {
    description: `${version.rows[0]?.server_version.split(' ')[0]}, ${origin}`,
    createDatabase: async (purpose) => {
      const name = `sallyport_bench_${purpose}_${randomBytes(4).toString('hex')}`;
      await asAdmin((client) =>
        client.query(`create database ${client.escapeIdentifier(name)} template template0 encoding 'UTF8'`),
      );
      created.push(name);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
    close: async () => {
      await asAdmin(async (client) => {
        for (const name of created) await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
      }).finally(stop);
    },
  };
}
