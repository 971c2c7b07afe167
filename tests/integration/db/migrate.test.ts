import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StartupError } from '#platform/config/startup-error.ts';
import { compareCatalogs, readCatalog } from '#platform/db/migrate/catalog.ts';
import { type MigrationFolders, migrateUp, pending, rollback, rollbackLosses, status } from '#platform/db/migrate/index.ts';
import { withClient, withMigrationLock } from '#platform/db/migrate/session.ts';
import { run, withCopiedMigrations, withDatabase } from './migration-server.ts';

const catalogOf = (url: string) => withClient(url, readCatalog);
const pendingOf = (url: string) => withClient(url, pending);

async function addPrismaMigration(folders: MigrationFolders, name: string, up: string, down = 'select 1;'): Promise<void> {
  await mkdir(join(folders.prisma, name));
  await writeFile(join(folders.prisma, name, 'migration.sql'), up);
  await writeFile(join(folders.prisma, name, 'down.sql'), down);
}

async function firstPrismaName(url: string): Promise<string> {
  return (await status({ url }))[0]?.name ?? '';
}

describe('migrateUp', () => {
  it('builds the schema from empty, Prisma first, and finds nothing to do the second time', async () => {
    await withDatabase(async (url) => {
      expect(await pendingOf(url)).toEqual((await status({ url })).map(({ orm, name }) => `${orm}/${name}`));
      const lines: string[] = [];
      const { applied } = await migrateUp({ url, log: (line) => lines.push(line) });

      expect(applied).toEqual((await status({ url })).map(({ orm, name }) => `${orm}/${name}`));
      expect(applied[0]).toMatch(/^prisma\//);
      expect(applied.at(-1)).toMatch(/^drizzle\//);
      expect(lines).toEqual(applied.map((name) => `applied ${name}`));
      expect((await status({ url })).every(({ appliedAt }) => appliedAt instanceof Date)).toBe(true);
      expect(await pendingOf(url)).toEqual([]);

      expect(await migrateUp({ url })).toEqual({ applied: [] });
    });
  });

  it('lets one of several nodes do the work and all of them succeed', async () => {
    await withDatabase(async (url) => {
      const nodes = await Promise.all([migrateUp({ url }), migrateUp({ url }), migrateUp({ url })]);

      expect(nodes.filter(({ applied }) => applied.length > 0)).toHaveLength(1);
      expect(await pendingOf(url)).toEqual([]);
      expect(await run(url, 'select * from _prisma_migrations where finished_at is null')).toEqual([]);
    });
  });

  it('says so when another node holds the lock for too long', async () => {
    await withDatabase((url) =>
      withClient(url, (other) =>
        withMigrationLock(other, 0, async () => {
          await expect(migrateUp({ url, lockWaitMs: 0 })).rejects.toThrow(/Another node has been migrating/);
        }),
      ),
    );
  });

  it.each(['prisma', 'drizzle'] as const)('refuses a migration of %s that was edited after it had been applied', async (orm) => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await migrateUp({ url, folders });
        const name = (await status({ url, folders })).find((row) => row.orm === orm)?.name ?? '';
        const script = orm === 'prisma' ? join(folders.prisma, name, 'migration.sql') : join(folders.drizzle, `${name}.sql`);
        await appendFile(script, '\n-- edited\n');

        const refusal = new RegExp(`${orm}/${name} was edited`);
        await expect(migrateUp({ url, folders })).rejects.toThrow(refusal);
        await expect(status({ url, folders })).rejects.toThrow(refusal);
        await expect(rollback({ url, folders })).rejects.toThrow(refusal);
        await expect(migrateUp({ url, folders })).rejects.toBeInstanceOf(StartupError);
      }),
    );
  });

  it('refuses a database that holds a migration which this release does not know, yet reports none pending', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await addPrismaMigration(folders, '29990101000000_later', 'create table later (id text primary key);');
        await migrateUp({ url, folders });

        await expect(migrateUp({ url })).rejects.toThrow(/does not know: prisma\/29990101000000_later/);
        expect(await pendingOf(url)).toEqual([]);
      }),
    );
  });

  it('refuses a migration that would have come before one that is applied already', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await migrateUp({ url, folders });
        await addPrismaMigration(folders, '20000101000000_late_merge', 'create table late (id text);');

        await expect(migrateUp({ url, folders })).rejects.toThrow(/20000101000000_late_merge is older than/);
      }),
    );
  });

  it('leaves nothing of a migration that fails; a rollback clears its entry and the mended one goes in', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await migrateUp({ url, folders });
        const before = await catalogOf(url);
        await addPrismaMigration(folders, '29990101000000_broken', 'create table half (id text); select 1/0;');

        await expect(migrateUp({ url, folders })).rejects.toThrow(/29990101000000_broken.*division by zero/);
        expect(await catalogOf(url)).toEqual(before);
        await expect(migrateUp({ url, folders })).rejects.toThrow(/29990101000000_broken began and did not finish/);

        expect(await rollback({ url, folders })).toEqual({ undone: ['prisma/29990101000000_broken'] });
        await rm(join(folders.prisma, '29990101000000_broken'), { recursive: true });
        await addPrismaMigration(folders, '29990101000000_broken', 'create table half (id text primary key);');
        expect(await migrateUp({ url, folders })).toEqual({ applied: ['prisma/29990101000000_broken'] });
      }),
    );
  });
});

describe('a migration of Prisma', () => {
  it('may hold semicolons within a function, a text and a comment, and settings for its own connection', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        const script = `-- first this; then that
          set local search_path = public;
          create function twice(n int) returns int language plpgsql as $$ begin n := n * 2; return n; end $$;
          create table motto (line text default 'veni; vidi');
          insert into motto default values;`;
        await addPrismaMigration(folders, '29990101000000_semicolons', script);
        await migrateUp({ url, folders });

        expect(await run(url, 'select twice(21), line from motto')).toEqual([{ twice: 42, line: 'veni; vidi' }]);
      }),
    );
  });
});

const ofDrizzleIn = (applied: readonly string[]) => applied.filter((name) => name.startsWith('drizzle/'));

describe('rollback', () => {
  it('undoes everything in reverse order, and up again gives the same schema', async () => {
    await withDatabase(async (url) => {
      const { applied } = await migrateUp({ url });
      const before = await catalogOf(url);

      expect(await rollback({ url, steps: 1 })).toEqual({ undone: [applied.at(-1)] });
      expect(await rollback({ url, steps: 100 })).toEqual({ undone: applied.slice(0, -1).reverse() });
      expect(await catalogOf(url)).toEqual([]);
      expect(await pendingOf(url)).toEqual(applied);
      expect(await rollback({ url })).toEqual({ undone: [] });

      await migrateUp({ url });
      expect(compareCatalogs(before, 'before', await catalogOf(url), 'after')).toEqual([]);
    });
  });

  it('goes by the order of application where a migration of Prisma came after those of Drizzle', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        const { applied } = await migrateUp({ url, folders });
        await addPrismaMigration(
          folders,
          '29990101000000_later',
          'create table later (id text primary key);',
          'drop table later;',
        );
        await migrateUp({ url, folders });

        const ofDrizzle = ofDrizzleIn(applied).toReversed();
        const { undone } = await rollback({ url, folders, steps: 1 + ofDrizzle.length });

        expect(undone).toEqual(['prisma/29990101000000_later', ...ofDrizzle]);
        expect(await run(url, "select to_regclass('later') as later, to_regclass('sessions') as sessions")).toEqual([
          { later: null, sessions: null },
        ]);
      }),
    );
  });

  it('names beforehand which data it throws away, table by table and column by column', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await migrateUp({ url, folders });
        expect(await rollbackLosses({ url, folders, steps: 100 })).toEqual([]);
        await addPrismaMigration(
          folders,
          '29990101000000_later',
          'create table later (id text primary key); alter table organisations add column later text;',
          'drop table later; alter table "organisations" drop column "later";',
        );
        await migrateUp({ url, folders });
        await run(url, "insert into later values ('a'), ('b')");
        await run(url, "insert into sign_in_throttles (key, kind, failures, updated_at) values ('x', 'x', 1, now())");
        await run(url, "insert into organisations (id, slug, name, created_at) values ('org_1', 'a', 'A', now())");
        const later = [
          { migration: 'prisma/29990101000000_later', what: 'later', rows: 2 },
          { migration: 'prisma/29990101000000_later', what: 'organisations.later', rows: 1 },
        ];
        expect(await rollbackLosses({ url, folders })).toEqual(later);
        const all = await rollbackLosses({ url, folders, steps: 100 });
        expect(all.slice(0, 2)).toEqual(later);
        expect(all.map(({ what }) => what)).toEqual(expect.arrayContaining(['sign_in_throttles', 'organisations']));
        expect(await run(url, 'select count(*)::int as n from later')).toEqual([{ n: 2 }]);
      }),
    );
  });

  it('changes nothing when a down.sql fails, and refuses a migration without one', async () => {
    await withDatabase((url) =>
      withCopiedMigrations(async (folders) => {
        await addPrismaMigration(
          folders,
          '29990101000000_later',
          'create table later (id text);',
          'drop table later; select 1/0;',
        );
        const { applied } = await migrateUp({ url, folders });
        await rollback({ url, folders, steps: ofDrizzleIn(applied).length });
        const before = await catalogOf(url);

        await expect(rollback({ url, folders })).rejects.toThrow(/29990101000000_later cannot be undone: division by zero/);
        expect(await catalogOf(url)).toEqual(before);

        await rm(join(folders.prisma, '29990101000000_later', 'down.sql'));
        await expect(rollback({ url, folders })).rejects.toThrow(/29990101000000_later has no down\.sql/);
        expect(await catalogOf(url)).toEqual(before);
      }),
    );
  });

  it('judges rows that Drizzle alone has written by what Prisma has applied', async () => {
    await withDatabase(async (url) => {
      const { applied } = await migrateUp({ url });
      await run(url, 'alter table __drizzle_migrations drop column on_prisma, drop column applied_at');

      expect(await status({ url })).toHaveLength(applied.length);
      expect(await rollback({ url })).toEqual({ undone: [applied.at(-1)] });
      expect(await firstPrismaName(url)).not.toBe('');
    });
  });
});
