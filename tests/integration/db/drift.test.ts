import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDrift } from '#platform/db/migrate/drift.ts';
import { projectFolders, status } from '#platform/db/migrate/index.ts';
import { databaseServerUrl, run, withCopiedMigrations, withDatabase } from './migration-server.ts';

const serverUrl = databaseServerUrl();

describe('the drift check', () => {
  it('finds that the migrations of the project say what its descriptions say, and can be undone', async () => {
    expect(await checkDrift({ serverUrl })).toEqual([]);
  });

  it('finds what the migrated database has and the descriptions lack, and the other way round', async () => {
    const differences = await checkDrift({
      serverUrl,
      onMigrated: async (url) => {
        await run(url, "alter table users add column nickname text not null default 'x'");
        await run(url, 'alter table event_log disable trigger event_log_insert_only');
        await run(url, 'drop index sessions_expires_at_idx');
        await run(url, 'alter table sessions drop constraint sessions_user_id_users_id_fk');
        await run(url, 'alter table roles alter column description drop not null');
      },
    });

    const start = (text: string) => expect.stringMatching(new RegExp(`^only in ${text}`));
    for (const expected of [
      "the migrations: column users.nickname: text not null default 'x'::text",
      'the migrations: trigger event_log.event_log_insert_only: .*disabled',
      'the descriptions: trigger event_log.event_log_insert_only: .*always',
      'the descriptions: index sessions.sessions_expires_at_idx',
      'the descriptions: constraint sessions.sessions_user_id_users_id_fk: FOREIGN KEY',
      'the migrations: column roles.description: text$',
      'the descriptions: column roles.description: text not null$',
    ]) {
      expect(differences).toContainEqual(start(expected));
    }
  });

  it('finds what no down.sql removes', async () => {
    const differences = await checkDrift({
      serverUrl,
      onMigrated: async (url) => void (await run(url, 'create table stray (id text)')),
    });

    expect(differences).toContain('left over after all down.sql: table stray');
  });

  it('finds a migration that has no down.sql', async () => {
    const [first] = await withDatabase((url) => status({ url, folders: projectFolders }));
    await withCopiedMigrations(async (folders) => {
      await rm(join(folders.prisma, first?.name ?? '', 'down.sql'));

      expect(await checkDrift({ serverUrl, folders })).toEqual([`migration prisma/${first?.name} has no down.sql`]);
    });
  });
});
