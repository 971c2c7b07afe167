import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drizzleCredentialStore } from '#capabilities/passwords/passwords.drizzle.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool, type Database, openDatabase } from '#platform/db/index.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { registeredPerson } from '#tests/support/stories.ts';

let app: TestApp;
let rows: Rows;
let db: Database;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
  const settings = { url: new Secret(app.databaseUrl), max: 2, connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 };
  db = openDatabase(createPool(settings, silent), { statementTimeoutMs: 10_000, logger: silent });
});
afterAll(async () => {
  await db.close();
  await rows.close();
  await app.close();
});

describe('a right guess whose password was disabled while it was checked', () => {
  it.each([
    ['', undefined],
    [' and would be hashed anew', 'another hash'],
  ])('does not settle%s, and no failure is forgotten', async (_, to) => {
    const { email, userId } = await registeredPerson(app);
    const store = drizzleCredentialStore(db);
    const guess = await store.reserveGuess(email);
    if (!guess) throw new Error('there is no password');
    await rows.query('update password_credentials set disabled_at = now() where user_id = $1', [userId]);
    const rehashed = to === undefined ? undefined : { from: guess.hash, to };
    expect(await db.hotTransaction((tx) => store.settleGuess(tx, guess, rehashed))).toBe(false);
    const stored = await rows.query(
      'select hash, consecutive_failures as failures from password_credentials where user_id = $1',
      [userId],
    );
    expect(stored).toEqual([{ hash: guess.hash, failures: 1 }]);
  });
});
