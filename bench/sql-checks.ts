import { drizzleSessionStore } from '../src/capabilities/sessions/index.ts';
import type { SessionId } from '../src/kernel/ids.ts';
import { Secret } from '../src/kernel/secret.ts';
import { createPool, openDatabase } from '../src/platform/db/index.ts';
import { createLogger } from '../src/platform/observability/winston-logger.ts';

/** A statement of the session check through Drizzle, as the product sends it, and through the bare driver. */

export interface SqlJob {
  readonly by: 'drizzle' | 'driver';
  readonly durationMs: number;
}

const concurrency = 8;
const logger = createLogger({ level: 'warn', format: 'json' });
const prepared = prepare();

// At once: what is asked before anybody listens would be lost.
process.on('message', async ({ id, ...job }: SqlJob & { readonly id: number; readonly ask?: string }) => {
  // The probe answers these.
  if (job.ask !== undefined) return;
  const { checks, ids } = await prepared;
  const check = checks[job.by];
  const until = performance.now() + job.durationMs;
  let total = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async (_, index) => {
      for (let turn = index; performance.now() < until; turn += concurrency) {
        const one = ids[turn % ids.length];
        if (one === undefined || !(await check(one))) throw new Error('a session was not found');
        total += 1;
      }
    }),
  );
  process.send?.({ id, answer: { total, perSecond: total / (job.durationMs / 1000) } });
});

async function prepare() {
  const url = new Secret(process.env['DATABASE_URL'] ?? '');
  const settings = { url, max: concurrency, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 };
  const { pool, ...db } = openDatabase(createPool(settings, logger), { statementTimeoutMs: 10_000, logger });
  const store = drizzleSessionStore({ pool, ...db });
  const { rows } = await pool.query<{ id: SessionId }>('select id from sessions');
  const ids = rows.map(({ id }) => id);
  const [first] = ids;
  if (!first) throw new Error('there are no sessions');
  await store.findById(first);
  // The very text that Drizzle prepared, as PostgreSQL has it, on the one connection that there is by now.
  const known = await pool.query<{ text: string }>(
    "select statement as text from pg_prepared_statements where name = 'session_by_id'",
  );
  const text = known.rows[0]?.text;
  if (text === undefined) throw new Error('the statement was not prepared');
  const checks: Readonly<Record<SqlJob['by'], (id: SessionId) => Promise<unknown>>> = {
    drizzle: (id) => store.findById(id),
    driver: async (id) => (await pool.query({ name: 'bare_session_check', text, values: [true, id] })).rows[0],
  };
  return { checks, ids };
}
