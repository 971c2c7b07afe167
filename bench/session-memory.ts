import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { createSessionCache, redisSharedSessions, type SessionCache } from '../src/capabilities/sessions/index.ts';
import { beginSession } from '../src/capabilities/sessions/session.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { newId, type OrganisationId } from '../src/kernel/ids.ts';
import { Secret } from '../src/kernel/secret.ts';
import { createSealedEntries } from '../src/platform/crypto/index.ts';

/** Fills the cache of a node, as it is, and tells what one session takes. Runs by itself, so that nothing else is weighed. */

export interface SessionMemoryJob {
  readonly sessions: number;
  /** How many different browsers they have. */
  readonly userAgents: number;
  readonly redisUrl: string | undefined;
}

export interface SessionMemory {
  readonly heapBytes: number;
  /** Null where there is no Redis. */
  readonly redisBytes: number | null;
}

process.on('message', async ({ id, ...job }: SessionMemoryJob & { readonly id: number; readonly ask?: string }) => {
  // The probe answers these.
  if (job.ask !== undefined) return;
  process.send?.({ id, answer: await measure(job) });
});

const atOnce = 100;

async function measure({ sessions, userAgents, redisUrl }: SessionMemoryJob): Promise<SessionMemory> {
  // What the code itself takes is there by then.
  await fill(1_000, userAgents, undefined);
  const before = usedHeap();
  const cache = await fill(sessions, userAgents, undefined);
  const heapBytes = (usedHeap() - before) / cache.stats().entries;
  if (redisUrl === undefined) return { heapBytes, redisBytes: null };
  const redis = new Redis(redisUrl);
  await redis.flushall();
  const empty = await usedMemory(redis);
  await fill(sessions, userAgents, redis);
  await redis.ping();
  const redisBytes = ((await usedMemory(redis)) - empty) / (await redis.dbsize());
  redis.disconnect();
  return { heapBytes, redisBytes };
}

async function fill(sessions: number, userAgents: number, redis: Redis | undefined): Promise<SessionCache> {
  const organisationId = newId('org');
  let made = 0;
  const cache = createSessionCache({
    sessions: {
      findById: async () => null,
      findByTokenHash: async () => sessionOf(made++, organisationId, userAgents),
    },
    shared:
      redis &&
      redisSharedSessions({
        redis: { run: (commands) => commands(redis) },
        entries: createSealedEntries(new Secret(randomBytes(32)), 'session-copy'),
        monotonicMs: () => performance.now(),
        waitMs: 60_000,
      }),
    feed: { caughtUpAtMs: () => performance.now(), position: () => 1_000_000n, followedFrom: () => 0n },
    clock: systemClock,
    monotonicMs: () => performance.now(),
    maxEntries: sessions,
  });
  for (let count = 0; count < sessions; count += atOnce)
    await Promise.all(Array.from({ length: atOnce }, () => cache.findByTokenHash(randomBytes(32))));
  if (cache.stats().entries !== sessions) throw new Error('not all sessions are in memory');
  return cache;
}

function sessionOf(index: number, organisationId: OrganisationId, userAgents: number) {
  const id = newId('usr');
  const now = systemClock.now();
  const browser = index % userAgents;
  const version = `${100 + (browser % 50)}.0.${browser}.0`;
  const session = beginSession(
    {
      id: newId('ses'),
      userId: id,
      organisationId,
      amr: ['pwd'],
      ipAddress: `2001:db8:${randomBytes(10)
        .toString('hex')
        .replace(/(.{4})(?=.)/g, '$1:')}:1`,
      userAgent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version} Safari/537.36`,
      deviceId: newId('dev'),
    },
    now,
    { idleTimeoutSeconds: 1_209_600, absoluteTimeoutSeconds: 2_592_000 },
  );
  const createdAt = new Date(now.getTime() - 90_000_000_000 + index * 1_234);
  const email = `ada.lovelace.${index}@mail.example.com`;
  return { session, user: { id, displayName: 'Ada Lovelace', email, status: 'active' as const, createdAt } };
}

/** What is still in use, buffers outside of the heap among it. */
function usedHeap(): number {
  for (let time = 0; time < 3; time += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function usedMemory(redis: Redis): Promise<number> {
  const bytes = /used_memory:(\d+)/.exec(await redis.info('memory'))?.[1];
  if (bytes === undefined) throw new Error('Redis does not tell its memory');
  return Number(bytes);
}
