import type pg from 'pg';
import { StartupError } from '#platform/config/startup-error.ts';
import { labelOf, type MigrationFiles, type MigrationFolders, readMigrationFiles } from './files.ts';
import { type AppliedMigration, assertHistoryMatches, drizzleHistory, type History, readHistory } from './history.ts';
import { defaultLockWaitMs, reasonOf, withClient, withMigrationLock } from './session.ts';
import { recordBase } from './up.ts';

export interface RollbackOptions {
  readonly url: string;
  /** How many migrations to undo; all of them where there are fewer. */
  readonly steps?: number;
  readonly log?: (line: string) => void;
  /** How long to wait for another node that migrates, in milliseconds. */
  readonly lockWaitMs?: number;
  readonly folders?: MigrationFolders;
}

/**
 * Undoes the newest migrations, of whichever ORM, in reverse order of their application; the data that only they had a place
 * for is lost. Each runs its down.sql and leaves the history in one transaction. A migration of Prisma's that failed counts
 * as one step: PostgreSQL has undone it already, so only its entry is cleared.
 * Throws a StartupError when a down.sql is missing or fails, and when the history does not match the files.
 */
export async function rollback(options: RollbackOptions): Promise<{ undone: string[] }> {
  const files = await readMigrationFiles(options.folders);
  return withClient(options.url, (client) =>
    withMigrationLock(client, options.lockWaitMs ?? defaultLockWaitMs, async () => {
      const undone: string[] = [];
      while (undone.length < (options.steps ?? 1)) {
        const label = await undoNewest(client, files);
        if (label === undefined) break;
        options.log?.(`undone ${label}`);
        undone.push(label);
      }
      return { undone };
    }),
  );
}

async function undoNewest(client: pg.Client, files: MigrationFiles): Promise<string | undefined> {
  const history = await readHistory(client, files);
  const failed = history.prisma.find((row) => row.appliedAt === null);
  if (failed !== undefined) {
    await client.query('delete from public._prisma_migrations where migration_name = $1 and finished_at is null', [failed.name]);
    return labelOf(failed);
  }
  assertHistoryMatches(files, history);
  if (history.drizzle.length > 0) await recordBase(client, history.prisma.at(-1)?.name);
  const newest = newestOf(await readHistory(client, files));
  if (newest === undefined) return undefined;
  await undo(client, newest, files);
  return labelOf(newest);
}

/**
 * Which migration was applied last. Within an ORM that is the last of its list. Between the two, clocks of several nodes
 * would be a poor judge; instead each of Drizzle's knows on which of Prisma's it stands: while that is still Prisma's newest,
 * Drizzle's was the later one.
 */
export function newestOf(history: History): AppliedMigration | undefined {
  const prisma = history.prisma.at(-1);
  const drizzle = history.drizzle.at(-1);
  if (prisma === undefined || drizzle === undefined) return drizzle ?? prisma;
  return (drizzle.onPrisma ?? '') < prisma.name ? prisma : drizzle;
}

async function undo(client: pg.Client, migration: AppliedMigration, files: MigrationFiles): Promise<void> {
  const down = files[migration.orm].find((file) => file.name === migration.name)?.down ?? null;
  if (down === null) {
    throw new StartupError(`Migration ${labelOf(migration)} has no down.sql.`, 'Write one, or restore a backup.');
  }
  await client.query('begin');
  try {
    await client.query(down);
    if (migration.orm === 'prisma') {
      await client.query('delete from public._prisma_migrations where migration_name = $1', [migration.name]);
    } else {
      await client.query(`delete from public.${drizzleHistory.migrationsTable} where created_at = $1`, [migration.when]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw new StartupError(
      `Migration ${labelOf(migration)} cannot be undone: ${reasonOf(error)}.`,
      'Nothing was changed by it; mend its down.sql.',
      {
        cause: error,
      },
    );
  }
}
