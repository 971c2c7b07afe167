import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StartupError } from '#platform/config/startup-error.ts';
import { makeTestApp } from '#tests/support/make-test-app.ts';
import { openRows } from '#tests/support/rows.ts';
import { createTestDatabase } from '#tests/support/test-database.ts';
import { temporaryFolder } from './embedded-folder.ts';
import { runProgram, startAndStop, startPatience, startProduct } from './product-process.ts';

const newKey = () => randomBytes(32).toString('base64url');

async function emptyDatabase(): Promise<string> {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  return database.url;
}

async function refusal(environment: Readonly<Record<string, string>>): Promise<string> {
  const { server } = await startProduct(environment);
  expect(await server.exitCode()).toBe(1);
  return server.stderr.trim().split('\n').at(-1) ?? '';
}

/** Starts on this database with this key, and gives what it refuses with, or null. */
async function start(databaseUrl: string, key: string): Promise<string | null> {
  try {
    const app = await makeTestApp({ env: { DATABASE_URL: databaseUrl, MASTER_KEY: key } });
    await app.close();
    return null;
  } catch (error) {
    if (!(error instanceof StartupError)) throw error;
    return `${error.message} ${error.remedy}`;
  }
}

describe('the master key of a development deployment', () => {
  it(
    'is missed when it is gone, and told from any other; nothing takes its place',
    async () => {
      const dataDir = join(await temporaryFolder(), 'data');
      const file = join(dataDir, 'development-master-key');
      await startAndStop({ DATA_DIR: dataDir });

      await rm(file);
      const missing = await refusal({ DATA_DIR: dataDir });
      expect(missing).toContain(`The development master key ${file} is missing`);
      expect(missing).toContain('Restore the file');
      await expect(readFile(file)).rejects.toThrow(/ENOENT/);

      await writeFile(file, newKey());
      const other = await refusal({ DATA_DIR: dataDir });
      expect(other).toContain(`the key in ${file} is not the master key that this database was made with`);
      expect(other).toContain('Restore that file');
    },
    startPatience,
  );

  it(
    'is made by the command that makes the database, so that the first start is not taken for a lost key',
    async () => {
      const dataDir = join(await temporaryFolder(), 'data');
      const status = runProgram('src/transport/cli/db.ts', ['status'], { DATA_DIR: dataDir });
      expect(await status.exitCode(), status.stderr).toBe(0);
      expect(await readFile(join(dataDir, 'development-master-key'), 'utf8')).toMatch(/^[\w-]{43}\n$/);
    },
    startPatience,
  );
});

describe('the MASTER_KEY of a production deployment', () => {
  it(
    'is refused when it is another one',
    async () => {
      const databaseUrl = await emptyDatabase();
      expect(await start(databaseUrl, newKey())).toBeNull();
      const said = await refusal({
        NODE_ENV: 'production',
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        DATA_DIR: join(await temporaryFolder(), 'data'),
        PUBLIC_URL: 'https://id.example.org',
        SMTP_URL: 'smtp://127.0.0.1:1',
        MASTER_KEY: newKey(),
        ARGON2_MEMORY_KIB: '7168',
        ARGON2_ITERATIONS: '5',
      });
      expect(said).toContain('MASTER_KEY is not the master key that this database was made with');
      expect(said).toContain('Set MASTER_KEY to the earlier key');
    },
    startPatience,
  );
});

describe('a database', () => {
  it('is left as it was by a start with another key', async () => {
    const databaseUrl = await emptyDatabase();
    const key = newKey();
    await start(databaseUrl, key);
    const rows = await openRows({ databaseUrl });
    onTestFinished(() => rows.close());
    const before = await rows.textOf('signing_keys');
    // Due for deletion: maintenance, which comes with every start, would take it.
    await rows.query("update signing_keys set expires_at = now() - interval '1 day'");
    const expired = await rows.textOf('signing_keys');
    expect(await start(databaseUrl, newKey())).toContain('MASTER_KEY is not the master key');
    expect(await rows.textOf('signing_keys')).toBe(expired);
    expect(await start(databaseUrl, key)).toBeNull();
    expect(await rows.textOf('signing_keys')).not.toBe(before);
  });

  it('from before there was a check is judged by its signing keys', async () => {
    const databaseUrl = await emptyDatabase();
    const key = newKey();
    await start(databaseUrl, key);
    const rows = await openRows({ databaseUrl });
    onTestFinished(() => rows.close());
    const checks = () => rows.query('select id from master_key_checks');
    await rows.query('delete from master_key_checks');
    expect(await start(databaseUrl, newKey())).toContain('MASTER_KEY is not the master key');
    expect(await checks()).toEqual([]);
    expect(await start(databaseUrl, key)).toBeNull();
    expect(await checks()).toHaveLength(1);
  });

  it('takes two nodes that start at once on it with the same key, and one of two with different ones', async () => {
    const key = newKey();
    const shared = await emptyDatabase();
    expect(await Promise.all([start(shared, key), start(shared, key)])).toEqual([null, null]);
    const contested = await emptyDatabase();
    const said = await Promise.all([start(contested, newKey()), start(contested, newKey())]);
    expect(said.filter((refused) => refused === null)).toHaveLength(1);
    expect(said.find((refused) => refused !== null)).toContain('MASTER_KEY is not the master key');
  });
});
