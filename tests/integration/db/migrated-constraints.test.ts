import { describe, expect, it } from 'vitest';
import { migrateUp } from '#platform/db/migrate/index.ts';
import { run, withDatabase } from './migration-server.ts';

const at = "'2026-01-01T00:00:00Z'";
const seed = `
  insert into organisations (id, slug, name, created_at) values ('o', 'o', 'O', ${at});
  insert into users (id, display_name, created_at) values ('u', 'U', ${at});
  insert into email_addresses (id, user_id, address, normalised, is_primary, created_at) values ('e1', 'u', 'a', 'a', true, ${at});
  insert into sessions (id, user_id, organisation_id, amr, auth_time, created_at, last_used_at, idle_expires_at, expires_at, ip_address, user_agent)
    values ('s', 'u', 'o', '{pwd}', ${at}, ${at}, ${at}, ${at}, ${at}, '', '');
  insert into event_log (position, id, type, occurred_at, severity, canonical) values (1, 'v', 'user.created', ${at}, 'info', '')`;

const withSeed = (work: (url: string) => Promise<void>) =>
  withDatabase(async (url) => {
    await migrateUp({ url });
    await run(url, seed);
    await work(url);
  });

describe('what the migrations add by hand', () => {
  it('keeps the event log insert-only, also where ordinary triggers are switched off', async () => {
    await withSeed(async (url) => {
      for (const attack of [
        "update event_log set type = 'user.deleted'",
        'delete from event_log',
        'truncate event_log',
        "set session_replication_role = 'replica'; delete from event_log",
      ]) {
        await expect(run(url, attack), attack).rejects.toThrow(/event_log is insert-only/);
      }
      expect(await run(url, 'select id, type from event_log')).toEqual([{ id: 'v', type: 'user.created' }]);
    });
  });

  it('allows one primary address per user', async () => {
    await withSeed(async (url) => {
      const insert = (id: string, primary: boolean) =>
        run(
          url,
          `insert into email_addresses (id, user_id, address, normalised, is_primary, created_at)
                  values ('${id}', 'u', '${id}', '${id}', ${primary}, ${at})`,
        );
      await expect(insert('e2', true)).rejects.toThrow(/email_addresses_primary_key/);
      await insert('e3', false);
    });
  });

  it('ends the sessions of a user who is deleted, and keeps an organisation that somebody is signed in to', async () => {
    await withSeed(async (url) => {
      await expect(run(url, 'delete from organisations')).rejects.toThrow(/sessions_organisation_id/);
      await run(url, 'delete from users');
      expect(await run(url, 'select id from sessions')).toEqual([]);
    });
  });
});
