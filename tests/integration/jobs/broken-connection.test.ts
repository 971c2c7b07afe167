import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createSealer } from '#platform/crypto/index.ts';
import { createPool } from '#platform/db/index.ts';
import { startJobWorker } from '#platform/jobs/index.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';

const patience = { timeout: 15_000, interval: 20 };

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

/** A pool whose connection is ended by PostgreSQL just before the first statement that `pattern` matches. */
function poolCutAt(pattern: RegExp) {
  const pool = createPool(
    { url: new Secret(app.databaseUrl), max: 4, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 },
    silent,
  );
  let cuts = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...parameters: unknown[]) => Promise<unknown>;
    const cutting = async (...parameters: unknown[]) => {
      cuts += 1;
      await rows.query('select pg_terminate_backend($1)', [(client as unknown as { processID: number }).processID]);
      return query(...parameters);
    };
    Object.assign(client, {
      query: (...parameters: unknown[]) => {
        const [statement] = parameters as [string | { text?: string }];
        const text = typeof statement === 'string' ? statement : (statement.text ?? '');
        return cuts === 0 && pattern.test(text) ? cutting(...parameters) : query(...parameters);
      },
    });
  });
  return { pool, cuts: () => cuts };
}

describe('a connection that breaks while the end of a job is written down', () => {
  it.each([
    ['done', /^delete from \S+_private_jobs/, false],
    ['failed', /^update \S+_private_jobs as jobs\s+set\s+last_error/, true],
  ])('leaves no job locked that is %s, and the worker goes on', async (_, pattern, fails) => {
    const task = `test.${fails ? 'fails' : 'succeeds'}`;
    const sealer = createSealer(new Secret(Buffer.from(app.masterKey, 'base64url')), 'job-payload');
    const enqueue = async (n: number) => {
      const sealed = sealer.seal(Buffer.from(JSON.stringify({ n })), task).toString('base64');
      const stored = JSON.stringify({ sealed, correlationId: null });
      await rows.query('select graphile_worker.add_job($1, payload := $2::json)', [task, stored]);
    };
    const ran: unknown[] = [];
    const { pool, cuts } = poolCutAt(pattern);
    const handler = async ({ n }: { readonly n?: unknown }) => {
      ran.push(n);
      if (fails && n === 1) throw new Error('as planned');
    };
    const worker = await startJobWorker({ pool, sealer, handlers: { [task]: handler }, logger: silent, concurrency: 1 });
    try {
      await enqueue(1);
      await expect.poll(cuts, patience).toBe(1);
      const left = async () =>
        rows.query(
          `select locked_at is null as free, last_error is not null as failed from graphile_worker._private_jobs jobs
            join graphile_worker._private_tasks tasks on tasks.id = jobs.task_id where identifier = $1`,
          [task],
        );
      await expect.poll(left, patience).toEqual(fails ? [{ free: true, failed: true }] : []);
      await enqueue(2);
      await expect.poll(() => ran, patience).toEqual([1, 2]);
    } finally {
      await worker.stop();
    }
  });
});
