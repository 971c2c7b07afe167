import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type MigrationFolders, projectFolders } from '#platform/db/migrate/index.ts';
import { withScratchDatabase } from '#platform/db/migrate/scratch.ts';
import { withClient } from '#platform/db/migrate/session.ts';
import type { TestServer } from '#tests/support/test-server.ts';

/** The server of the test run, on which databases may be made. */
export function databaseServerUrl(): string {
  const server: TestServer = inject('testServer');
  return server.adminUrl;
}

/** An empty database for one test, dropped at its end. */
export function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  return withScratchDatabase(databaseServerUrl(), work);
}

/** A copy of the project's migrations that a test may spoil. */
export async function withCopiedMigrations<T>(work: (folders: MigrationFolders) => Promise<T>): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'sallyport-migrations-'));
  try {
    const folders = { prisma: join(root, 'prisma'), drizzle: join(root, 'drizzle') };
    await cp(projectFolders.prisma, folders.prisma, { recursive: true });
    await cp(projectFolders.drizzle, folders.drizzle, { recursive: true });
    return await work(folders);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Runs SQL without parameters in a database and gives the rows of its last statement. */
export function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return withClient(url, async (client) => {
    const result = await client.query<Record<string, unknown>>(sql);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return last?.rows ?? [];
  });
}
