import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { asUnavailable, createPool, type Database, type HotTx, openDatabase, retryingUnitOfWork } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/test-database.ts';

const warnings: string[] = [];
const logger: Logger = {
  debug() {},
  info() {},
  warn: (message) => void warnings.push(message),
  error() {},
  child: () => logger,
};

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase({ migrated: false });
  const settings = { url: new Secret(database.url), max: 6, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 };
  db = openDatabase(createPool(settings, logger), { statementTimeoutMs: 10_000, logger });
  await db.pool.query('create table counters (name text primary key, value int not null)');
});
afterAll(async () => {
  await db.close();
  await database.drop();
});
beforeEach(async () => {
  warnings.length = 0;
  await db.pool.query("delete from counters; insert into counters values ('a', 0), ('b', 0)");
});

const values = async () =>
  (await db.pool.query<{ value: number }>('select value from counters order by name')).rows.map(({ value }) => value);
const increment = (tx: HotTx, name: string) =>
  tx.drizzle.execute(sql`update counters set value = value + 1 where name = ${name}`);

/** Two who each hold what the other wants next. Each goes on once both have begun: a sure deadlock on the first run. */
function crossing(run: (work: (tx: HotTx) => Promise<void>) => Promise<void>): Promise<unknown> {
  let begun = 0;
  let bothBegan: () => void = () => {};
  const both = new Promise<void>((resolve) => {
    bothBegan = resolve;
  });
  const take = (first: string, second: string) =>
    run(async (tx) => {
      await tx.drizzle.execute(sql`set local deadlock_timeout = '30ms'`);
      await increment(tx, first);
      begun += 1;
      if (begun === 2) bothBegan();
      await both;
      await increment(tx, second);
    });
  return Promise.all([take('a', 'b'), take('b', 'a')]);
}

describe.each(['transaction', 'hotTransaction'] as const)('%s', (kind) => {
  it('that PostgreSQL broke up for a deadlock is run again, and both succeed once', async () => {
    await crossing((work) => retryingUnitOfWork(db, logger)[kind](work));
    expect(await values()).toEqual([2, 2]);
    expect(warnings).toEqual(['a transaction met another one and is run again']);
  });

  it('fails of the same deadlock where nobody runs it again', async () => {
    await expect(crossing((work) => db[kind](work))).rejects.toSatisfy((error) => asUnavailable(error)?.code === 'UNAVAILABLE');
  });

  it('is run again a bounded number of times, then tells that the service is unavailable', async () => {
    let runs = 0;
    const work = async (tx: HotTx) => {
      runs += 1;
      await increment(tx, 'a');
      await tx.drizzle.execute(sql`do $$ begin raise exception 'conflict' using errcode = '40001'; end $$`);
    };
    const failure = await retryingUnitOfWork(db, logger)
      [kind](work)
      .catch((error: unknown) => error);
    expect(asUnavailable(failure)).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    expect(runs).toBe(4);
    expect(await values()).toEqual([0, 0]);
  });

  it('is run once when it fails for another reason', async () => {
    let runs = 0;
    const work = async (tx: HotTx) => {
      runs += 1;
      await tx.drizzle.execute(sql`insert into counters values ('a', 1)`);
    };
    await expect(retryingUnitOfWork(db, logger)[kind](work)).rejects.toThrow();
    expect(runs).toBe(1);
  });
});
