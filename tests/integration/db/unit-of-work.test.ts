import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { signInThrottles } from '#drizzle/schema/throttles.ts';
import { Secret } from '#kernel/secret.ts';
import { createPool, type Database, openDatabase, type Tx, waitForDatabase } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { documents, goodPassword, registeredPerson, tokenOf } from '#tests/support/stories.ts';

const patience = { timeout: 10_000, interval: 20 };

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

/** Ends the product's connection that waits for a lock, once there is one: the server's way of a cut cable. */
async function killWhoWaits(): Promise<void> {
  await expect
    .poll(async () => {
      const killed = await rows.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'sallyport' and wait_event_type = 'Lock'`,
      );
      return killed.length;
    }, patience)
    .toBe(1);
}

/** Runs `work` while nobody can write to `table`; the work gets stuck there, and its connection is killed. */
async function killedAt<T>(table: string, work: () => Promise<T>): Promise<T> {
  const blocker = await openRows(app);
  await blocker.query(`begin`);
  await blocker.query(`lock table ${table} in share mode`);
  const result = work();
  try {
    await killWhoWaits();
  } finally {
    await blocker.query('rollback');
    await blocker.close();
  }
  return result;
}

/**
 * Attempts are counted before what they try, and stay counted. The job of a mail may still have been there before, and events
 * may have been on their way from the outbox to the log.
 */
function uncounted({
  'public.sign_in_throttles': _throttles,
  'graphile_worker._private_jobs': _jobs,
  'public.event_outbox': appended = 0,
  'public.event_log': sequenced = 0,
  ...others
}: Record<string, number>) {
  // Whatever was appended before may be moved to the log meanwhile.
  return { ...others, events: appended + sequenced };
}

describe('a connection that is lost in the middle of a change', () => {
  it('leaves nothing of either ORM behind, answers UNAVAILABLE, and the same link works afterwards', async () => {
    const email = 'cut-in-the-middle@example.com';
    const client = new TestClient(app);
    await client.send(documents.register, { input: { email, password: goodPassword, displayName: 'Ada' } });
    const input = { token: tokenOf(await app.mailbox.waitFor(email, /confirm/i)), password: goodPassword };
    const before = await rows.counts();

    // By then the user stands in Prisma's tables and the events in Drizzle's.
    const cut = await killedAt('password_credentials', () => client.send(documents.verifyEmail, { input }));
    expect(cut).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(cut.headers.get('retry-after')).toBe('2');
    expect(uncounted(await rows.counts())).toEqual(uncounted(before));

    expect((await client.send(documents.verifyEmail, { input })).data.verifyEmail.__typename).toBe('VerifyEmailSuccess');
  });

  it('leaves nothing of a sign-in behind, and the pool goes on', async () => {
    const person = await registeredPerson(app);
    const before = await rows.counts();
    const login = () => new TestClient(app).send(documents.login, { input: { email: person.email, password: person.password } });
    const cut = await killedAt('sessions', login);
    expect(cut).toMatchObject({ status: 503, errors: [{ extensions: { code: 'UNAVAILABLE' } }] });
    expect(uncounted(await rows.counts())).toEqual(uncounted(before));

    const answers = await Promise.all(Array.from({ length: 20 }, () => new TestClient(app).send(documents.viewer)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await login()).data.login.__typename).toBe('LoginSuccess');
  });
});

describe('transaction()', () => {
  let db: Database;
  beforeAll(() => {
    const settings = { url: new Secret(app.databaseUrl), max: 8, connectTimeoutMs: 10_000, statementTimeoutMs: 10_000 };
    db = openDatabase(createPool(settings, silent), { statementTimeoutMs: 10_000, logger: silent });
  });
  afterAll(() => db.close());

  async function writeBoth(tx: Tx, name: string): Promise<void> {
    const at = new Date();
    await tx.prisma.bootstrapToken.create({ data: { id: name, tokenHash: randomBytes(32), createdAt: at, expiresAt: at } });
    await tx.drizzle
      .insert(signInThrottles)
      .values({ key: Buffer.from(name), kind: 'test', failures: 0, blockedUntil: null, updatedAt: at });
  }

  it('keeps both ORMs in agreement over 50 parallel units of which a fifth fails', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) =>
        db.transaction(async (tx) => {
          await writeBoth(tx, `unit-${index}`);
          if (index % 5 === 0) throw new Error('a fifth fails');
        }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    const names = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [`unit-${index}`] : [])).sort();
    const prisma = await rows.query<{ id: string }>(`select id from bootstrap_tokens where id like 'unit-%' order by id`);
    const drizzle = await rows.query<{ id: string }>(
      `select convert_from(key, 'UTF8') as id from sign_in_throttles where kind = 'test' order by 1`,
    );
    expect(prisma.map(({ id }) => id)).toEqual(names);
    expect(drizzle.map(({ id }) => id)).toEqual(names);
  });

  it('runs both ORMs on one connection', async () => {
    const pids = await db.transaction(async (tx) => {
      const byPrisma = await tx.prisma.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`;
      const byDrizzle = await tx.drizzle.execute<{ pid: number }>('select pg_backend_pid() as pid');
      return [byPrisma[0]?.pid, byDrizzle.rows[0]?.pid];
    });
    expect(pids[0]).toBeTypeOf('number');
    expect(pids[1]).toBe(pids[0]);
  });

  it('gives every connection back, also after failures', async () => {
    await Promise.allSettled(Array.from({ length: 30 }, () => db.transaction(() => Promise.reject(new Error('no')))));
    await Promise.allSettled(Array.from({ length: 30 }, () => db.hotTransaction(() => Promise.reject(new Error('no')))));
    expect(db.pool.waitingCount).toBe(0);
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
  });
});

describe('waiting for the database at start', () => {
  it('goes on trying until it is there', async () => {
    const { port: target, hostname } = new URL(app.databaseUrl);
    const proxy = createServer((near) => {
      const far = connect(Number(target || 5432), hostname);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => near.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as { port: number };
    await new Promise((resolve) => proxy.close(resolve));

    const url = new URL(app.databaseUrl);
    url.host = `127.0.0.1:${port}`;
    const pool = createPool({ url: new Secret(url.href), max: 2, connectTimeoutMs: 1_000, statementTimeoutMs: 1_000 }, silent);
    const warnings: string[] = [];
    const logger: Logger = {
      ...silent,
      warn: (message) => {
        warnings.push(message);
        proxy.listen(port, '127.0.0.1');
      },
    };
    await waitForDatabase(pool, { url: new Secret(url.href), retrySeconds: 30, logger, embeddedInstead: true });
    expect(warnings).toHaveLength(1);
    await pool.end();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('says once that it waits, not at each attempt', async () => {
    const url = new URL(app.databaseUrl);
    url.host = '127.0.0.1:1';
    const pool = createPool({ url: new Secret(url.href), max: 2, connectTimeoutMs: 1_000, statementTimeoutMs: 1_000 }, silent);
    const attempts = vi.spyOn(pool, 'query');
    const warn = vi.fn();
    const logger: Logger = { ...silent, warn };
    const options = { url: new Secret(url.href), retrySeconds: 1, logger, embeddedInstead: true };
    await expect(waitForDatabase(pool, options)).rejects.toThrow(/ECONNREFUSED/);
    expect(attempts.mock.calls.length).toBeGreaterThan(2);
    expect(warn).toHaveBeenCalledTimes(1);
    await pool.end();
  });

  it('does not wait for what waiting can not mend, and never tells the password', async () => {
    const url = new URL(app.databaseUrl);
    url.pathname = '/no_such_database';
    url.password = 'very-secret-password';
    const pool = createPool({ url: new Secret(url.href), max: 2, connectTimeoutMs: 1_000, statementTimeoutMs: 1_000 }, silent);
    const options = { url: new Secret(url.href), retrySeconds: 3_600, logger: silent };
    const failure = await waitForDatabase(pool, { ...options, embeddedInstead: true }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ remedy: expect.stringContaining('embedded PostgreSQL') });
    // Production has none.
    await expect(waitForDatabase(pool, { ...options, embeddedInstead: false })).rejects.toMatchObject({
      remedy: 'Check DATABASE_URL and that the server runs.',
    });
    expect(failure).toMatchObject({ name: expect.stringContaining('Startup') });
    expect(String(failure)).not.toContain('very-secret-password');
    await pool.end();
  });
});
