import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StartupError } from '#platform/config/startup-error.ts';

export type Orm = 'prisma' | 'drizzle';

/** One migration as it stands in the source tree. */
export interface MigrationFile {
  readonly orm: Orm;
  /** Folder name (Prisma) or journal tag (Drizzle). */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the script in hexadecimal: what the history tables of both ORMs hold. */
  readonly checksum: string;
  /** The SQL that undoes it; null where its `down.sql` is missing. */
  readonly down: string | null;
  /** Drizzle's journal time in milliseconds, by which its history names a migration; 0 for Prisma's. */
  readonly when: number;
}

export interface MigrationFolders {
  readonly prisma: string;
  readonly drizzle: string;
}

/** All migrations of both ORMs, each list in the order in which it is applied. */
export interface MigrationFiles {
  readonly prisma: readonly MigrationFile[];
  readonly drizzle: readonly MigrationFile[];
}

export const projectRoot: string = fileURLToPath(new URL('../../../../', import.meta.url));

/** Where the project keeps its migrations, as absolute paths. */
export const projectFolders: MigrationFolders = {
  prisma: join(projectRoot, 'prisma', 'migrations'),
  drizzle: join(projectRoot, 'drizzle', 'migrations'),
};

/** How a migration is called in output: names are unique per ORM only. */
export function labelOf(migration: { readonly orm: Orm; readonly name: string }): string {
  return `${migration.orm}/${migration.name}`;
}

/** Reads all migrations. Throws a StartupError when a folder or a script is missing. */
export async function readMigrationFiles(folders: MigrationFolders = projectFolders): Promise<MigrationFiles> {
  try {
    const [prisma, drizzle] = await Promise.all([readPrismaFiles(folders.prisma), readDrizzleFiles(folders.drizzle)]);
    return { prisma, drizzle };
  } catch (error) {
    throw new StartupError('A migration cannot be read.', 'Restore prisma/migrations and drizzle/migrations from the release.', {
      cause: error,
    });
  }
}

export async function readPrismaFiles(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map((name) => readOne('prisma', name, 0, join(folder, name, 'migration.sql'), join(folder, name, 'down.sql'))),
  );
}

/** The journal in the form that drizzle-kit writes; further fields are not needed here. */
interface Journal {
  readonly entries: readonly { readonly tag: string; readonly when: number }[];
}

export async function readDrizzleFiles(folder: string): Promise<MigrationFile[]> {
  const journal = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8')) as Journal;
  return Promise.all(
    journal.entries.map(({ tag, when }) =>
      readOne('drizzle', tag, when, join(folder, `${tag}.sql`), join(folder, `${tag}.down.sql`)),
    ),
  );
}

async function readOne(orm: Orm, name: string, when: number, up: string, down: string): Promise<MigrationFile> {
  const sql = await readFile(up, 'utf8');
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { orm, name, sql, checksum, down: await readIfPresent(down), when };
}

async function readIfPresent(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
