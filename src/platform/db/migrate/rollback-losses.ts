import type pg from 'pg';
import { labelOf, type MigrationFiles, type MigrationFolders, readMigrationFiles } from './files.ts';
import { type AppliedMigration, assertHistoryMatches, type History, readHistory } from './history.ts';
import { newestOf } from './rollback.ts';
import { withClient } from './session.ts';

/** What undoing one migration throws away. */
export interface RollbackLoss {
  readonly migration: string;
  /** A table, or `table.column`. */
  readonly what: string;
  readonly rows: number;
}

/**
 * What `rollback` with the same options would throw away, as far as each down.sql says so in plain statements: tables and
 * columns with the number of rows that they hold now. Changes nothing. Throws a StartupError for a history that does not match.
 */
export async function rollbackLosses(options: {
  readonly url: string;
  readonly steps?: number;
  readonly folders?: MigrationFolders;
}): Promise<RollbackLoss[]> {
  const files = await readMigrationFiles(options.folders);
  return withClient(options.url, async (client) => {
    let history = await readHistory(client, files);
    // A migration that failed has changed nothing; clearing its entry is a step of its own.
    const failed = history.prisma.find((row) => row.appliedAt === null);
    let steps = options.steps ?? 1;
    if (failed) {
      steps -= 1;
      history = without(history, failed);
    }
    assertHistoryMatches(files, history);
    const losses: RollbackLoss[] = [];
    for (; steps > 0; steps -= 1) {
      const newest = newestOf(history);
      if (newest === undefined) break;
      losses.push(...(await lossesOf(client, newest, files)));
      history = without(history, newest);
    }
    return losses;
  });
}

function without({ prisma, drizzle }: History, undone: AppliedMigration): History {
  return { prisma: prisma.filter((row) => row !== undone), drizzle: drizzle.filter((row) => row !== undone) };
}

async function lossesOf(client: pg.Client, migration: AppliedMigration, files: MigrationFiles): Promise<RollbackLoss[]> {
  const down = files[migration.orm].find(({ name }) => name === migration.name)?.down ?? '';
  const losses: RollbackLoss[] = [];
  for (const { table, column } of dropped(down)) {
    const rows = await countRows(client, table);
    if (rows > 0) losses.push({ migration: labelOf(migration), what: column ? `${table}.${column}` : table, rows });
  }
  return losses;
}

function dropped(down: string): { readonly table: string; readonly column?: string }[] {
  const tables = [...down.matchAll(/\bdrop table (?:if exists )?(?:"?public"?\.)?"?(\w+)"?/gi)].map(([, table = '']) => ({
    table,
  }));
  const columns = [...down.matchAll(/\balter table (?:"?public"?\.)?"?(\w+)"?([^;]*)/gi)].flatMap(
    ([, table = '', changes = '']) =>
      [...changes.matchAll(/\bdrop column (?:if exists )?"?(\w+)"?/gi)].map(([, column = '']) => ({ table, column })),
  );
  return [...tables, ...columns];
}

async function countRows(client: pg.Client, table: string): Promise<number> {
  const { rows: found } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `public.${client.escapeIdentifier(table)}`,
  ]);
  if (found[0]?.there !== true) return 0;
  const { rows } = await client.query<{ rows: string }>(`select count(*) as rows from public.${client.escapeIdentifier(table)}`);
  return Number(rows[0]?.rows ?? 0);
}
