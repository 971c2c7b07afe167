import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDrift } from '#platform/db/migrate/drift.ts';
import { createMigrations } from '#platform/db/migrate/new.ts';
import { databaseServerUrl, withCopiedMigrations } from './migration-server.ts';

const url = databaseServerUrl();
const clock = { now: () => new Date('2000-01-02T03:04:05Z') };

describe('new migrations', () => {
  it('are none while no description has changed', async () => {
    await withCopiedMigrations(async (folders) => {
      expect(await createMigrations({ name: 'nothing', url, clock, folders })).toEqual([]);
    });
  });

  it('lead from an empty database to what the descriptions say', async () => {
    await withCopiedMigrations(async (folders) => {
      await rm(folders.prisma, { recursive: true });
      await rm(folders.drizzle, { recursive: true });

      const paths = await createMigrations({ name: 'start', url, clock, folders });

      expect(paths.map((path) => path.slice(dirname(folders.prisma).length + 1))).toEqual([
        'prisma/20000102030405_start/migration.sql',
        'prisma/20000102030405_start/down.sql',
        'drizzle/0000_start.sql',
        'drizzle/0000_start.down.sql',
      ]);
      const differences = await checkDrift({ serverUrl: url, folders });
      // A function made by hand is undone by hand: drizzle-kit cannot know of it.
      expect(differences).toEqual([expect.stringMatching(/^left over after all down\.sql: function refuse_event_log_change/)]);
    });
  });

  it('of Prisma follow the last one even where the clock is behind it, and see a changed datamodel', async () => {
    await withCopiedMigrations(async (folders) => {
      await rm(folders.prisma, { recursive: true });
      await createMigrations({ name: 'first', url, clock, folders });
      const snapshot = join(folders.prisma, '20000102030405_first', 'schema.snapshot.prisma');
      const before = await readFile(snapshot, 'utf8');
      await writeFile(snapshot, before.replace(/^ +displayName .*\n/m, ''));

      const [script = '', down = ''] = await createMigrations({ name: 'second', url, clock, folders });

      expect(basename(dirname(script))).toBe('20000102030406_second');
      expect(await readFile(script, 'utf8')).toMatch(/ADD COLUMN\s+"display_name"/);
      expect(await readFile(down, 'utf8')).toMatch(/DROP COLUMN "display_name"/);
    });
  });

  it('by hand start empty and leave a change of the description to the next ordinary one', async () => {
    await withCopiedMigrations(async (folders) => {
      const paths = await createMigrations({ name: 'by_hand', custom: 'drizzle', url, clock, folders });

      expect(paths.map((path) => basename(path))).toEqual([
        expect.stringMatching(/_by_hand\.sql$/),
        expect.stringMatching(/_by_hand\.down\.sql$/),
      ]);
      expect(await createMigrations({ name: 'nothing', url, clock, folders })).toEqual([]);
    });
  });

  it('refuse a name that could lead out of the folder', async () => {
    await expect(createMigrations({ name: '../x', url, clock })).rejects.toThrow(/is no name for a migration/);
  });
});
