import { compareCatalogs, readCatalog } from './catalog.ts';
import { describedSchemaSql } from './description.ts';
import { labelOf, type MigrationFolders, readMigrationFiles } from './files.ts';
import { rollback } from './rollback.ts';
import { withScratchDatabase } from './scratch.ts';
import { withClient } from './session.ts';
import { migrateUp } from './up.ts';

export interface DriftOptions {
  /** A server on which this role may create databases; the database that the URL names is left alone. */
  readonly serverUrl: string;
  readonly log?: (line: string) => void;
  readonly folders?: MigrationFolders;
  /** Called with the freshly migrated database before it is compared. */
  readonly onMigrated?: (url: string) => Promise<void>;
}

/**
 * Proves that the migrations say what the descriptions of the schema say, and that they can be undone. In two scratch
 * databases: the migrations from nothing against the descriptions; then all down, which must leave nothing, and up again.
 * Gives one line for each difference; none means that all is well.
 */
export async function checkDrift(options: DriftOptions): Promise<string[]> {
  const { serverUrl, log = () => undefined, folders } = options;
  const files = await readMigrationFiles(folders);
  const all = [...files.prisma, ...files.drizzle];
  const irreversible = all.filter((file) => file.down === null).map((file) => `migration ${labelOf(file)} has no down.sql`);

  return withScratchDatabase(serverUrl, async (url) => {
    const run = { url, ...(folders === undefined ? {} : { folders }) };
    await migrateUp(run);
    await options.onMigrated?.(url);
    const migrated = await catalogOf(url);
    log(`migrated from empty: ${migrated.length} objects`);

    const described = await withScratchDatabase(serverUrl, async (otherUrl) => {
      const sql = await describedSchemaSql(otherUrl);
      await withClient(otherUrl, (client) => client.query(sql));
      return catalogOf(otherUrl);
    });
    log(`built from the descriptions: ${described.length} objects`);
    const drift = compareCatalogs(migrated, 'the migrations', described, 'the descriptions');
    if (irreversible.length > 0) return [...irreversible, ...drift];

    await rollback({ ...run, steps: all.length });
    const left = (await catalogOf(url)).map((line) => `left over after all down.sql: ${line}`);
    log(`undone: ${left.length} objects left`);
    if (left.length > 0) return [...drift, ...left];

    await migrateUp(run);
    const again = compareCatalogs(migrated, 'the first run', await catalogOf(url), 'the run after undoing');
    log('migrated again');
    return [...drift, ...again];
  });
}

function catalogOf(url: string): Promise<string[]> {
  return withClient(url, readCatalog);
}
