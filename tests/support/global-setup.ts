import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '#platform/db/embedded/index.ts';
import { asAdmin, dropDatabase, madeAt, uniqueDatabaseName, urlOfDatabase } from './test-server.ts';

const folderPrefix = 'sallyport-test-postgres-';
const abandonedAfterMs = 60 * 60 * 1000;

/**
 * Once for a run of integration tests: a PostgreSQL, the one of DATABASE_URL or else an embedded one in a temporary folder,
 * and in it a migrated database that the tests copy.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await openServer();
  const template = uniqueDatabaseName('template', new Date());
  try {
    await asAdmin(server.adminUrl, async (client) => {
      await dropAbandoned(client);
      await client.query(`create database ${client.escapeIdentifier(template)} template template0 encoding 'UTF8'`);
    });
    migrate(urlOfDatabase(server.adminUrl, template));
  } catch (error) {
    await server.close();
    throw error;
  }
  project.provide('testServer', { adminUrl: server.adminUrl, template });
  return async () => {
    await asAdmin(server.adminUrl, (client) => dropDatabase(client, template));
    await server.close();
  };
}

async function openServer(): Promise<{ adminUrl: string; close(): Promise<void> }> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return { adminUrl: given, close: async () => undefined };

  await removeAbandonedFolders();
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  // Started by root, PostgreSQL runs as another user, who has to pass through here.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({
    dataDir: join(folder, 'postgres'),
    durable: false,
    log: () => undefined,
    settings: { max_connections: '300' },
  });
  return {
    adminUrl: urlOfDatabase(server.url.reveal(), 'postgres'),
    close: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** In a process of its own: Vitest's module runner does not load everything that Node does, such as WebAssembly by its URL. */
function migrate(url: string): void {
  const program = fileURLToPath(new URL('migrate-template.ts', import.meta.url));
  const { status, stderr, error } = spawnSync(process.execPath, [program], { input: url, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the migrations failed: ${error?.message ?? stderr.trim()}`);
}

/** Databases of runs that crashed. A run that still works on its own is younger. */
async function dropAbandoned(client: Parameters<typeof dropDatabase>[0]): Promise<void> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database');
  for (const { datname } of rows) {
    const at = madeAt(datname);
    if (at !== null && Date.now() - at.getTime() > abandonedAfterMs) await dropDatabase(client, datname);
  }
}

async function removeAbandonedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(folderPrefix)) continue;
    const folder = join(tmpdir(), name);
    const found = await stat(folder).catch(() => null);
    if (found === null || found.uid !== process.getuid?.() || Date.now() - found.mtimeMs < abandonedAfterMs) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
