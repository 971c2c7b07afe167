import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#kernel/clock.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import { type DrizzleKit, loadDrizzleKit, readDatamodel, readExtras } from './description.ts';
import {
  type MigrationFile,
  type MigrationFolders,
  type Orm,
  projectFolders,
  projectRoot,
  readDrizzleFiles,
  readPrismaFiles,
} from './files.ts';
import { diffDatamodels, lockFile } from './prisma-engine.ts';

export interface NewMigrationOptions {
  /** What it does, in snake_case. */
  readonly name: string;
  /** Makes an empty migration of this ORM, to be written by hand, instead of comparing the descriptions. */
  readonly custom?: Orm;
  /** Any PostgreSQL server: Prisma's engine asks for its version. Nothing is written there. */
  readonly url: string;
  readonly clock: Clock;
  readonly folders?: MigrationFolders;
}

const snapshotName = 'schema.snapshot.prisma';
const handWritten = (orm: Orm) => `-- From here on written by hand: see ${orm}/extras.sql.\n\n`;

/**
 * Writes a migration, with its down.sql, for each ORM whose description has changed since its last one. The first of an ORM
 * also gets its extras. Gives the paths of the scripts, which are to be read before they are committed: neither ORM can
 * know what should become of the data. Throws a StartupError for a name that cannot be a file's.
 */
export async function createMigrations(options: NewMigrationOptions): Promise<string[]> {
  if (!/^[a-z][a-z0-9_]*$/.test(options.name)) {
    throw new StartupError(
      `${JSON.stringify(options.name)} is no name for a migration.`,
      'Use small letters, digits and _, such as add_user_locale.',
    );
  }
  const folders = options.folders ?? projectFolders;
  const paths: string[] = [];
  if (options.custom !== 'drizzle') paths.push(...(await createPrisma(options, folders)));
  if (options.custom !== 'prisma') paths.push(...(await createDrizzle(options, folders)));
  return paths;
}

async function createPrisma(options: NewMigrationOptions, folders: MigrationFolders): Promise<string[]> {
  await mkdir(folders.prisma, { recursive: true });
  const last = (await readPrismaFiles(folders.prisma)).at(-1)?.name;
  // The engine cannot read a live database through the driver, so the last datamodel is kept beside the migration it led to.
  const before = last === undefined ? null : await readFile(join(folders.prisma, last, snapshotName), 'utf8');
  const after = await readDatamodel();
  const up = options.custom === 'prisma' ? '' : await diff(options.url, before, after);
  if (up === '' && options.custom !== 'prisma') return [];
  const down = up === '' ? '' : await diff(options.url, after, before);

  const folder = join(folders.prisma, `${timestampAfter(last, options.clock)}_${options.name}`);
  const extras = last === undefined ? await readExtras('prisma') : '';
  const script = extras === '' ? up : `${up}\n${handWritten('prisma')}${extras}`;
  await mkdir(folder);
  await writeFile(join(folder, 'migration.sql'), script);
  await writeFile(join(folder, 'down.sql'), dropConstraintsOf(extras) + down);
  // A hand-written migration does not carry a change of the datamodel: the next ordinary one must still see it.
  await writeFile(join(folder, snapshotName), options.custom === 'prisma' && before !== null ? before : after);
  await writeFile(join(folders.prisma, 'migration_lock.toml'), lockFile);
  return [join(folder, 'migration.sql'), join(folder, 'down.sql')];
}

/** The way back from constraints made by hand, which the engine does not know of; they go before the tables they bind. */
function dropConstraintsOf(extras: string): string {
  const added = extras.matchAll(/^ALTER TABLE ("\w+") ADD CONSTRAINT ("\w+")/gm);
  return [...added].map(([, table, constraint]) => `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};\n`).join('');
}

async function diff(url: string, from: string | null, to: string | null): Promise<string> {
  const sql = (await diffDatamodels(url, from, to)).trim();
  return sql === '' || sql === '-- This is an empty migration.' ? '' : `${sql}\n`;
}

/** UTC as Prisma writes it, but always behind the last one, so that two made within a second keep their order. */
function timestampAfter(last: string | undefined, clock: Clock): string {
  const stamp = clock.now().toISOString().replaceAll(/[-:T]/g, '').slice(0, 14);
  const previous = last?.slice(0, 14) ?? '';
  return stamp > previous ? stamp : String(BigInt(previous) + 1n);
}

async function createDrizzle(options: NewMigrationOptions, folders: MigrationFolders): Promise<string[]> {
  const kit = await loadDrizzleKit();
  const schema = await import('#drizzle/schema/index.ts');
  const empty = kit.generateDrizzleJson({});
  const files = await drizzleFiles(folders);
  const before = files.length === 0 ? empty : await readSnapshot(folders, files.length - 1);
  if (options.custom === undefined && sameTables(before, kit.generateDrizzleJson(schema))) return [];

  await generate(options, folders);
  const created = (await drizzleFiles(folders))[files.length];
  // drizzle-kit ends with exit code 0 even after an error.
  if (created === undefined) throw new StartupError('drizzle-kit generate wrote no migration.', 'Its message stands above.');
  const down = await kit.generateMigration(await readSnapshot(folders, files.length), before);
  const paths = [join(folders.drizzle, `${created.name}.sql`), join(folders.drizzle, `${created.name}.down.sql`)] as const;
  await writeFile(paths[1], down.map((statement) => `${statement}\n`).join(''));
  if (files.length === 0 && options.custom === undefined) {
    await writeFile(paths[0], `${created.sql}--> statement-breakpoint\n${handWritten('drizzle')}${await readExtras('drizzle')}`);
  }
  return [...paths];
}

async function drizzleFiles(folders: MigrationFolders): Promise<readonly MigrationFile[]> {
  return existsSync(join(folders.drizzle, 'meta')) ? readDrizzleFiles(folders.drizzle) : [];
}

type Snapshot = ReturnType<DrizzleKit['generateDrizzleJson']>;

async function readSnapshot(folders: MigrationFolders, index: number): Promise<Snapshot> {
  const path = join(folders.drizzle, 'meta', `${String(index).padStart(4, '0')}_snapshot.json`);
  return JSON.parse(await readFile(path, 'utf8'));
}

/** Whether two snapshots describe the same schema; each has an id of its own and the renames that led to it. */
function sameTables(left: Snapshot, right: Snapshot): boolean {
  const content = (snapshot: Snapshot): unknown => JSON.parse(JSON.stringify({ ...snapshot, id: '', prevId: '', _meta: {} }));
  return isDeepStrictEqual(content(left), content(right));
}

/** By drizzle-kit's own command line, which asks whether a column that vanished was renamed. */
async function generate(options: NewMigrationOptions, folders: MigrationFolders): Promise<void> {
  const program = fileURLToPath(new URL('bin.cjs', import.meta.resolve('drizzle-kit')));
  // drizzle-kit puts './' before every path, so none may be absolute.
  const settings = [
    '--dialect',
    'postgresql',
    '--schema',
    'drizzle/schema/index.ts',
    '--out',
    relative(projectRoot, folders.drizzle),
  ];
  const custom = options.custom === 'drizzle' ? ['--custom'] : [];
  const child = spawn(process.execPath, [program, 'generate', ...settings, '--name', options.name, ...custom], {
    cwd: projectRoot,
    stdio: 'inherit',
  });
  await once(child, 'exit');
}
