import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#platform/config/startup-error.ts';
import { projectRoot } from './files.ts';
import { diffDatamodels } from './prisma-engine.ts';

// What the schema is described by: prisma/schema, drizzle/schema, and an extras.sql for what either has no words for.

/** The datamodel of Prisma's as one text; the files stand in the order of their names. */
export async function readDatamodel(): Promise<string> {
  const folder = join(projectRoot, 'prisma', 'schema');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.prisma')).sort();
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return files.join('\n');
}

/** The SQL statements that no datamodel can express, without the comment that heads the file. */
export async function readExtras(orm: 'prisma' | 'drizzle'): Promise<string> {
  const text = await readFile(join(projectRoot, orm, 'extras.sql'), 'utf8');
  return text.slice(text.indexOf('\n\n') + 2);
}

export type DrizzleKit = typeof import('drizzle-kit/api');

/** drizzle-kit is a tool of development: a production installation lacks it and needs it for nothing. */
export async function loadDrizzleKit(): Promise<DrizzleKit> {
  try {
    return await import('drizzle-kit/api');
  } catch (error) {
    throw new StartupError(
      'drizzle-kit is not installed.',
      'This command is for development: run `npm install` without --omit=dev.',
      {
        cause: error,
      },
    );
  }
}

/** The SQL that builds the whole schema from the descriptions, without any migration. */
export async function describedSchemaSql(url: string): Promise<string> {
  const kit = await loadDrizzleKit();
  const schema = await import('#drizzle/schema/index.ts');
  const prisma = await diffDatamodels(url, null, await readDatamodel());
  const drizzle = await kit.generateMigration(kit.generateDrizzleJson({}), kit.generateDrizzleJson(schema));
  return [prisma, await readExtras('prisma'), ...drizzle, await readExtras('drizzle')].join('\n');
}
