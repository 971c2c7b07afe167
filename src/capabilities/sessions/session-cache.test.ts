import { beforeEach, describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { beginSession } from './session.ts';
import { createSessionCache, mostUnconfirmedMs, type SessionCache } from './session-cache.ts';
import type { SessionWithUser } from './sessions.ports.ts';

let wallClock: Date;
let monotonicMs: number;
let caughtUpAtMs: number;
let stored: SessionWithUser;
let absent: boolean;
let reads: number;
let duringRead: () => void;
let cache: SessionCache;

beforeEach(() => {
  wallClock = new Date('2026-01-01T00:00:00Z');
  monotonicMs = 1_000_000;
  caughtUpAtMs = monotonicMs;
  absent = false;
  reads = 0;
  duringRead = () => {};
  const userId = newId('usr');
  const session = beginSession(
    {
      id: newId('ses'),
      userId,
      organisationId: newId('org'),
      amr: ['pwd'],
      ipAddress: '192.0.2.1',
      userAgent: 'test',
      deviceId: null,
    },
    wallClock,
    { idleTimeoutSeconds: 3_600, absoluteTimeoutSeconds: 86_400 },
  );
  const user = {
    id: userId,
    displayName: 'Ada „ Lovelace"',
    email: 'ada@example.com',
    status: 'active',
    createdAt: wallClock,
  } as const;
  const bound = { networkBinding: 'subnet', clientBinding: 'family', allowedNetworks: ['192.0.2.0/24'] } as const;
  stored = { session: { ...session, ...bound }, user };
  cache = cacheOf(100);
});

function cacheOf(maxEntries: number): SessionCache {
  const read = async () => {
    reads += 1;
    const answer = absent ? null : stored;
    duringRead();
    return answer;
  };
  return createSessionCache({
    sessions: { findById: read, findByTokenHash: read },
    shared: undefined,
    feed: { caughtUpAtMs: () => caughtUpAtMs, position: () => 0n, followedFrom: () => 0n },
    clock: { now: () => wallClock },
    monotonicMs: () => monotonicMs,
    maxEntries,
  });
}

const hash = Buffer.alloc(32, 7);
/** Asks twice by the same way; whether the second answer came from memory. */
async function isKept(): Promise<boolean> {
  await cache.findByTokenHash(hash);
  return fromMemory();
}
async function fromMemory(): Promise<boolean> {
  const before = reads;
  const found = await cache.findByTokenHash(hash);
  return found !== null && reads === before;
}
function passMs(ms: number, { feedRuns = true } = {}): void {
  wallClock = new Date(wallClock.getTime() + ms);
  monotonicMs += ms;
  if (feedRuns) caughtUpAtMs = monotonicMs;
}
function revoke(): void {
  stored = { ...stored, session: { ...stored.session, revokedAt: wallClock, revokedReason: 'revoked' } };
}

describe('the session cache', () => {
  it('gives exactly what the database gave, by token and by id, and asks once', async () => {
    for (let time = 0; time < 3; time += 1) {
      expect(await cache.findByTokenHash(hash)).toEqual(stored);
      expect(await cache.findById(stored.session.id)).toEqual(stored);
    }
    expect(reads).toBe(2);
  });

  it('keeps nothing when it may keep none', async () => {
    cache = cacheOf(0);
    expect(await isKept()).toBe(false);
  });

  it('never honours a revoked session once its event is known', async () => {
    expect(await isKept()).toBe(true);
    revoke();
    cache.changed({ type: 'session.revoked', sessionId: stored.session.id, subjectId: stored.user.id });
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).not.toBeNull();
  });

  it('asks the database when the node does not keep up with the log, whatever hints were lost', async () => {
    expect(await isKept()).toBe(true);
    revoke();
    passMs(mostUnconfirmedMs + 1, { feedRuns: false });
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).not.toBeNull();
  });

  it('is not made to trust old answers by a clock that is set back', async () => {
    expect(await isKept()).toBe(true);
    revoke();
    monotonicMs += mostUnconfirmedMs + 1;
    wallClock = addSeconds(wallClock, -3_600);
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).not.toBeNull();
  });

  it('does not keep an answer that a revocation has overtaken on its way', async () => {
    duringRead = () => cache.changed({ type: 'session.revoked', sessionId: stored.session.id });
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).toBeNull();
    duringRead = () => {};
    revoke();
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).not.toBeNull();
  });

  it('asks again when a change becomes known while the answer is on its way, and honours the new one', async () => {
    duringRead = () => {
      duringRead = () => {};
      revoke();
      cache.changed({ type: 'session.revoked', sessionId: stored.session.id });
    };
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).not.toBeNull();
  });

  it('keeps no session that is revoked, timed out, or whose person is suspended', async () => {
    const good = stored;
    for (const bad of [
      { ...good, session: { ...good.session, revokedAt: wallClock } },
      { ...good, session: { ...good.session, idleExpiresAt: wallClock } },
      { ...good, session: { ...good.session, expiresAt: wallClock } },
      { ...good, user: { ...good.user, status: 'suspended' as const } },
    ]) {
      stored = bad;
      expect(await isKept()).toBe(false);
    }
  });

  it('asks anew when a session has timed out, or when its use has to be written down', async () => {
    expect(await isKept()).toBe(true);
    passMs(60_000);
    expect(await fromMemory()).toBe(false);
  });

  it('takes any event that it does not know for a change of the person', async () => {
    for (const type of ['password.changed', 'user.suspended', 'something.new']) {
      expect(await isKept(), type).toBe(true);
      cache.changed({ type, subjectId: stored.user.id });
      expect(await fromMemory(), type).toBe(false);
    }
  });

  it('keeps no session of an organisation whose policy has changed, or was applied to what lives', async () => {
    const { organisationId } = stored.session;
    for (const type of ['session_policy.updated', 'session_policy.applied']) {
      expect(await isKept(), type).toBe(true);
      cache.changed({ type, organisationId: newId('org') });
      expect(await fromMemory(), type).toBe(true);
      cache.changed({ type, organisationId });
      expect(await fromMemory(), type).toBe(false);
    }
  });

  it('is not emptied by what changes nothing, nor by what happens to others', async () => {
    expect(await isKept()).toBe(true);
    cache.changed({ type: 'login.succeeded', subjectId: stored.user.id, sessionId: newId('ses') });
    cache.changed({ type: 'password.rejected', subjectId: stored.user.id });
    cache.changed({ type: 'session.revoked', subjectId: stored.user.id, sessionId: newId('ses') });
    cache.changed({ type: 'password.changed', subjectId: newId('usr') });
    expect(await fromMemory()).toBe(true);
  });

  it('asks once for all who ask at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => cache.findByTokenHash(hash)));
    expect(answers).toEqual(Array(20).fill(stored));
    expect(reads).toBe(1);
  });

  it('shares no answer that was asked for before a change, whoever it was of', async () => {
    const early = cache.findByTokenHash(hash);
    revoke();
    cache.changed({ type: 'session.revoked', sessionId: newId('ses') });
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).toEqual(expect.any(Date));
    expect((await early)?.session.revokedAt).toBeNull();
  });

  it('shares no answer that has been on its way for so long that changes elsewhere could be known of', async () => {
    const early = cache.findByTokenHash(hash);
    revoke();
    passMs(mostUnconfirmedMs + 1);
    expect((await cache.findByTokenHash(hash))?.session.revokedAt).toEqual(expect.any(Date));
    await early;
  });

  it('refuses the token of no session for some seconds without asking, and pushes out no good one for it', async () => {
    cache = cacheOf(2);
    expect(await isKept()).toBe(true);
    const good = stored;
    absent = true;
    const before = reads;
    for (let round = 0; round < 3; round += 1)
      for (let token = 0; token < 10; token += 1) expect(await cache.findByTokenHash(Buffer.alloc(32, 100 + token))).toBeNull();
    expect(reads - before).toBe(10);
    absent = false;
    expect(await fromMemory()).toBe(true);
    passMs(10_001);
    expect(await cache.findByTokenHash(Buffer.alloc(32, 100))).toEqual(good);
  });

  it('forgets after a minute what nobody told it', async () => {
    stored = { ...stored, session: { ...stored.session, lastUsedAt: addSeconds(wallClock, 3_600) } };
    expect(await isKept()).toBe(true);
    passMs(60_001);
    expect(await fromMemory()).toBe(false);
  });
});
