import { labelOf, type MigrationFiles, type MigrationFolders, type Orm, readMigrationFiles } from './files.ts';
import { assertHistoryMatches, pendingOf, type Queryable, readHistory } from './history.ts';
import { withClient } from './session.ts';

export interface MigrationStatus {
  readonly name: string;
  readonly orm: Orm;
  /** Null while it is pending. */
  readonly appliedAt: Date | null;
}

/**
 * All migrations, in the order in which they are applied to an empty database. Throws a StartupError when the history does
 * not match the files: a migration that failed, was edited after it had been applied, or is not known to this release.
 */
export async function status(options: { readonly url: string; readonly folders?: MigrationFolders }): Promise<MigrationStatus[]> {
  const files = await readMigrationFiles(options.folders);
  return withClient(options.url, async (client) => {
    const history = await readHistory(client, files);
    assertHistoryMatches(files, history);
    const applied = [...history.prisma, ...history.drizzle];
    return [...files.prisma, ...files.drizzle].map(({ name, orm }) => ({
      name,
      orm,
      appliedAt: applied.find((row) => row.orm === orm && row.name === name)?.appliedAt ?? null,
    }));
  });
}

let projectFiles: Promise<MigrationFiles> | undefined;

/**
 * The migrations that this release has and the database lacks: for readiness. Three small queries; the files are read once
 * per process. A database that is newer than this release has none pending, so an old node stays ready in a rolling update.
 */
export async function pending(db: Queryable): Promise<string[]> {
  projectFiles ??= readMigrationFiles();
  const files = await projectFiles;
  return pendingOf(files, await readHistory(db, files)).map(labelOf);
}
