import { expect, it, onTestFinished } from 'vitest';
import { status, rollback as undo } from '#platform/db/migrate/index.ts';
import { openRows } from '#tests/support/rows.ts';
import { createTestDatabase } from '#tests/support/test-database.ts';
import { runProgram, startPatience } from '../start/product-process.ts';

it(
  'db:rollback throws no data away where nobody can be asked, unless it is told --yes',
  async () => {
    const database = await createTestDatabase();
    onTestFinished(() => database.drop());
    // Back to where the migration that this is about is the newest, however many have come since.
    const { url } = database;
    const ofDrizzle = (await status({ url })).filter(({ orm }) => orm === 'drizzle');
    await undo({ url, steps: ofDrizzle.length - 1 });
    const rows = await openRows({ databaseUrl: url });
    onTestFinished(() => rows.close());
    const insert = "insert into sign_in_throttles (key, kind, failures, updated_at) values ('x', 'x', 1, now())";
    await rows.query(insert);
    const rollback = async (...args: string[]) => {
      const command = runProgram('src/transport/cli/db.ts', ['rollback', ...args], { DATABASE_URL: url });
      return { code: await command.exitCode(), said: command.stdout + command.stderr };
    };

    const refused = await rollback();
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('undoing drizzle/0000_init loses sign_in_throttles: 1 row\n');
    expect(refused.said).toMatch(/nothing was undone\. .* add --yes\./);
    expect(await rows.query('select kind from sign_in_throttles')).toEqual([{ kind: 'x' }]);

    const told = await rollback('--yes');
    expect(told).toMatchObject({ code: 0, said: expect.stringContaining('1 migration undone') });
    expect(await rows.query("select to_regclass('sign_in_throttles') as gone")).toEqual([{ gone: null }]);
  },
  startPatience,
);
