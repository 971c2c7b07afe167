import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import type pg from 'pg';
import { StartupError } from '#platform/config/startup-error.ts';
import { labelOf, type MigrationFiles, type MigrationFolders, projectFolders, readMigrationFiles } from './files.ts';
import { assertHistoryMatches, drizzleHistory, pendingOf, readHistory } from './history.ts';
import { defaultLockWaitMs, reasonOf, withClient, withMigrationLock } from './session.ts';

export interface MigrateOptions {
  /** A direct connection: behind a pooler that hands out connections per transaction the lock would not hold. */
  readonly url: string;
  readonly log?: (line: string) => void;
  /** How long to wait for another node that migrates, in milliseconds. */
  readonly lockWaitMs?: number;
  readonly folders?: MigrationFolders;
}

/**
 * Applies all pending migrations: Prisma's first, then Drizzle's. Several nodes may call it at once: one does the work, the
 * others wait and find nothing left. Throws a StartupError when a migration fails, was edited or is unknown.
 */
export async function migrateUp(options: MigrateOptions): Promise<{ applied: string[] }> {
  const folders = options.folders ?? projectFolders;
  const files = await readMigrationFiles(folders);
  return withClient(options.url, async (client) => {
    if ((await pendingNow(client, files)).length === 0) return { applied: [] };
    return withMigrationLock(client, options.lockWaitMs ?? defaultLockWaitMs, async () => {
      const applied: string[] = [];
      const pending = await pendingNow(client, files);
      for (const orm of ['prisma', 'drizzle'] as const) {
        const own = pending.filter((file) => file.orm === orm);
        if (own.length === 0) continue;
        if (orm === 'prisma') await applyPrisma(options.url, client, folders, files);
        else await applyDrizzle(client, folders, files);
        for (const file of own) options.log?.(`applied ${labelOf(file)}`);
        applied.push(...own.map(labelOf));
      }
      return { applied };
    });
  });
}

async function pendingNow(client: pg.Client, files: MigrationFiles) {
  const history = await readHistory(client, files);
  assertHistoryMatches(files, history);
  return pendingOf(files, history);
}

async function applyPrisma(url: string, client: pg.Client, folders: MigrationFolders, files: MigrationFiles): Promise<void> {
  // Before Prisma's history grows: rows that Drizzle's own command line wrote stand on what Prisma has applied so far.
  const history = await readHistory(client, files);
  if (history.drizzle.length > 0) await recordBase(client, history.prisma.at(-1)?.name);
  const { applyPrismaMigrations } = await import('./prisma-engine.ts');
  await applyPrismaMigrations(url, folders.prisma, files.prisma);
}

async function applyDrizzle(client: pg.Client, folders: MigrationFolders, files: MigrationFiles): Promise<void> {
  try {
    await migrate(drizzle(client), { migrationsFolder: folders.drizzle, ...drizzleHistory });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new StartupError(
      `Drizzle's migrations failed: ${reasonOf(cause)}.`,
      'Nothing of them was applied; mend the cause and start again.',
      {
        cause: error,
      },
    );
  }
  await recordBase(client, files.prisma.at(-1)?.name);
}

/** Notes for Drizzle's migrations on which of Prisma's they stand, by which a rollback finds the newest of all. */
export async function recordBase(client: pg.Client, newestPrisma: string | undefined): Promise<void> {
  await client.query(
    `alter table public.__drizzle_migrations
       add column if not exists applied_at timestamptz(3) not null default clock_timestamp(),
       add column if not exists on_prisma text`,
  );
  await client.query('update public.__drizzle_migrations set on_prisma = $1 where on_prisma is null', [newestPrisma ?? '']);
}
