import { StartupError } from '#platform/config/startup-error.ts';
import type { MigrationFile, MigrationFiles, Orm } from './files.ts';
import { labelOf } from './files.ts';

/** What reading the history needs: a pool and a client both can. */
export interface Queryable {
  query<R extends object>(text: string, values?: unknown[]): Promise<{ rows: R[] }>;
}

/** One row of a history table. */
export interface AppliedMigration {
  readonly orm: Orm;
  readonly name: string;
  readonly checksum: string;
  /** Null for a migration of Prisma's that began and never finished. */
  readonly appliedAt: Date | null;
  readonly when: number;
  /** For Drizzle's: Prisma's newest migration at that time, on top of which it stands. */
  readonly onPrisma: string | null;
}

export interface History {
  readonly prisma: readonly AppliedMigration[];
  readonly drizzle: readonly AppliedMigration[];
}

export const drizzleHistory = { migrationsSchema: 'public', migrationsTable: '__drizzle_migrations' } as const;

/** The tables in which the ORMs remember what was applied; no part of the product's schema. */
export const historyTables: readonly string[] = ['_prisma_migrations', drizzleHistory.migrationsTable];

/** Reads both history tables; one that does not exist yet counts as empty. */
export async function readHistory(db: Queryable, files: MigrationFiles): Promise<History> {
  const { rows } = await db.query<{ prisma: boolean; drizzle: boolean }>(
    `select to_regclass('public._prisma_migrations') is not null as prisma,
            to_regclass('public.__drizzle_migrations') is not null as drizzle`,
  );
  const tables = rows[0] ?? { prisma: false, drizzle: false };
  return {
    prisma: tables.prisma ? await readPrismaHistory(db) : [],
    drizzle: tables.drizzle ? await readDrizzleHistory(db, files) : [],
  };
}

async function readPrismaHistory(db: Queryable): Promise<AppliedMigration[]> {
  const { rows } = await db.query<{ name: string; checksum: string; finished_at: Date | null }>(
    `select migration_name as name, checksum, finished_at
     from public._prisma_migrations where rolled_back_at is null order by migration_name collate "C"`,
  );
  return rows.map((row) => ({
    orm: 'prisma',
    name: row.name,
    checksum: row.checksum,
    appliedAt: row.finished_at,
    when: 0,
    onPrisma: null,
  }));
}

async function readDrizzleHistory(db: Queryable, files: MigrationFiles): Promise<AppliedMigration[]> {
  // By way of jsonb, as the two columns of ours are missing where only Drizzle's own command line has run so far.
  const { rows } = await db.query<{ hash: string; when: string; applied_at: string | null; on_prisma: string | null }>(
    `select hash, created_at::text as "when", to_jsonb(history)->>'applied_at' as applied_at, to_jsonb(history)->>'on_prisma' as on_prisma
     from public.__drizzle_migrations as history order by created_at`,
  );
  return rows.map((row) => {
    const when = Number(row.when);
    return {
      orm: 'drizzle',
      name: files.drizzle.find((file) => file.when === when)?.name ?? `of journal time ${when}`,
      checksum: row.hash,
      appliedAt: new Date(row.applied_at ?? when),
      when,
      onPrisma: row.on_prisma,
    };
  });
}

/** The migrations that are still to be applied, in their order. */
export function pendingOf(files: MigrationFiles, history: History): MigrationFile[] {
  const open = (all: readonly MigrationFile[], done: readonly AppliedMigration[]) =>
    all.filter((file) => !done.some((row) => row.name === file.name && row.appliedAt !== null));
  return [...open(files.prisma, history.prisma), ...open(files.drizzle, history.drizzle)];
}

/**
 * Holds when the history of each ORM is the beginning of its list of files, unedited. Anything else would end in a schema
 * that no other deployment has. Throws a StartupError that names the migration.
 */
export function assertHistoryMatches(files: MigrationFiles, history: History): void {
  assertOneMatches(files.prisma, history.prisma);
  assertOneMatches(files.drizzle, history.drizzle);
}

function assertOneMatches(files: readonly MigrationFile[], history: readonly AppliedMigration[]): void {
  for (const [index, row] of history.entries()) {
    const file = files.find((candidate) => candidate.name === row.name);
    if (row.appliedAt === null) {
      throw new StartupError(
        `Migration ${labelOf(row)} began and did not finish.`,
        'Read the column logs of _prisma_migrations, mend the cause, then `npm run db:rollback` clears the entry.',
      );
    }
    if (file === undefined) {
      throw new StartupError(
        `The database holds a migration that this release does not know: ${labelOf(row)}.`,
        'Start the release that brought it, or roll it back with that release.',
      );
    }
    if (file.checksum !== row.checksum) {
      throw new StartupError(
        `Migration ${labelOf(row)} was edited after it had been applied.`,
        'Restore its file and put the change into a new migration.',
      );
    }
    const expected = files[index];
    if (expected !== undefined && expected.name !== row.name) {
      throw new StartupError(
        `Migration ${labelOf(expected)} is older than ${labelOf(row)}, which the database has already.`,
        'Make it again, so that it comes last.',
      );
    }
  }
}
