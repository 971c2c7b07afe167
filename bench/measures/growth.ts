import { setTimeout as pause } from 'node:timers/promises';
import { deleteEndedSessions, drizzleEndedSessionStore } from '../../src/capabilities/sessions/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { createPool, openDatabase } from '../../src/platform/db/index.ts';
import { createLogger } from '../../src/platform/observability/winston-logger.ts';
import type { Bench } from '../bench.ts';
import { median } from '../interleave.ts';
import type { LoadRequest, LoadResult } from '../load.ts';
import { type Product, startProduct, viewerConnections } from '../product.ts';
import type { Finding, Measured } from '../report.ts';
import { endSessionsLongAgo, seedSessions } from '../seed-sessions.ts';

const small = { people: 10_000, sessionsEach: 3 };
const large = { people: 1_000_000, sessionsEach: 3 };
/** So many that a round asks for few of them twice: what is measured are look-ups, not what was looked up before. */
const sampled = 20_000;
const connections = 4;
const everyMs = 10;
const endedEachRound = 150_000;
const dayMs = 86_400_000;

/**
 * The session check of a large deployment against that of a small one, each by one statement; and what everybody else feels
 * of another node that cleans up. Not part of an ordinary run: to write the sessions takes minutes and some 3 GB of disk.
 */
export async function measureGrowth(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const few = await withSessions(bench, small);
  const many = await withSessions(bench, large);
  const checking = ({ product, requests }: Grown, everyMs?: number) => ({
    origin: product.origin,
    method: 'POST' as const,
    path: '/graphql',
    connections: requests,
    expect: '"email":"person-',
    ...(everyMs === undefined ? {} : { everyMs }),
  });
  for (const grown of [few, many]) await load.run({ ...checking(grown), durationMs: effort.warmUpMs });
  const pairs: { readonly few: LoadResult; readonly many: LoadResult }[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    const results = new Map<Grown, LoadResult>();
    for (const grown of round % 2 === 0 ? [few, many] : [many, few])
      results.set(grown, await load.run({ ...checking(grown), durationMs: effort.roundMs }));
    const [ofFew, ofMany] = [results.get(few), results.get(many)];
    if (ofFew && ofMany) pairs.push({ few: ofFew, many: ofMany });
  }

  const paced = { ...checking(many, everyMs), durationMs: effort.roundMs };
  await load.run(paced);
  const cleaner = await openCleaner(many.product.deployment.databaseUrl);
  const cleanings: { readonly alone: LoadResult; readonly beside: LoadResult; readonly deleted: number }[] = [];
  for (let round = 0; round < effort.rounds; round += 1) {
    const alone = await load.run(paced);
    await endSessionsLongAgo(many.product.deployment.databaseUrl, endedEachRound);
    const cleaning = cleaner.begin();
    const beside = await load.run(paced);
    cleanings.push({ alone, beside, deleted: await cleaning.stop() });
    await pause(500);
  }
  await cleaner.close();
  await few.product.program.stop();
  await many.product.program.stop();
  return {
    name: 'growth',
    findings: [
      spread(
        'p50 of the session check, 3,000,000 sessions : 30,000',
        pairs.map((pair) => pair.many.p50Ms / pair.few.p50Ms),
        1.5,
      ),
      spread(
        'p99 beside the clean-up : without',
        cleanings.map(({ alone, beside }) => beside.p99Ms / alone.p99Ms),
        2,
      ),
    ],
    details: [
      ...pairs.map(
        (pair) =>
          `30,000 sessions: p50 ${pair.few.p50Ms.toFixed(2)} ms, ${pair.few.perSecond.toFixed(0)}/s; ` +
          `3,000,000: p50 ${pair.many.p50Ms.toFixed(2)} ms, ${pair.many.perSecond.toFixed(0)}/s`,
      ),
      ...cleanings.map(
        ({ alone, beside, deleted }) =>
          `400 requests a second, p99 ${alone.p99Ms.toFixed(2)} ms; while ${deleted} rows were deleted ${beside.p99Ms.toFixed(2)} ms`,
      ),
    ],
    data: { pairs, cleanings },
  };
}

interface Grown {
  readonly product: Product;
  readonly requests: readonly (readonly LoadRequest[])[];
}

async function withSessions(bench: Bench, size: { readonly people: number; readonly sessionsEach: number }): Promise<Grown> {
  const product = await startProduct(bench, { SESSION_CACHE_ENTRIES: '0' });
  const sessions = await seedSessions({ databaseUrl: product.deployment.databaseUrl, ...size });
  const each = viewerConnections(sessions.cookies(sampled)).flat();
  const requests = Array.from({ length: connections }, (_, index) => each.filter((_each, at) => at % connections === index));
  return { product, requests };
}

/** Another node, as far as the clean-up goes. */
async function openCleaner(databaseUrl: string) {
  const logger = createLogger({ level: 'warn', format: 'json' });
  const pool = createPool({ url: new Secret(databaseUrl), max: 1, connectTimeoutMs: 5_000, statementTimeoutMs: 10_000 }, logger);
  const db = openDatabase(pool, { statementTimeoutMs: 10_000, logger });
  const clean = deleteEndedSessions({
    unitOfWork: db,
    ended: drizzleEndedSessionStore(),
    retentionSeconds: (90 * dayMs) / 1000,
    clock: systemClock,
    monotonicMs: () => performance.now(),
    rest: (ms) => pause(ms),
  });
  return {
    close: () => db.close(),
    begin: () => {
      let going = true;
      const deleted = (async () => {
        let sum = 0;
        while (going) {
          const now = await clean();
          sum += now;
          if (now === 0) await pause(50);
        }
        return sum;
      })();
      return {
        stop: () => {
          going = false;
          return deleted;
        },
      };
    },
  };
}

function spread(name: string, values: readonly number[], atMost: number): Finding {
  return { name, value: median(values), least: Math.min(...values), most: Math.max(...values), unit: '×', target: { atMost } };
}
