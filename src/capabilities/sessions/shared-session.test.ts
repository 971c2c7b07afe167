import { beforeEach, describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { packSession } from './packed-session.ts';
import { beginSession } from './session.ts';
import { createSessionCache, mostUnconfirmedMs, type SessionCache } from './session-cache.ts';
import type { SessionCopy, SessionWithUser } from './sessions.ports.ts';

/** A node of a deployment: its cache, and what it has read of the log. */
interface Node {
  readonly cache: SessionCache;
  reads: number;
  caughtUpAtMs: number;
  position: bigint;
  followedFrom: bigint;
}

let wallClock: Date;
let monotonicMs: number;
let stored: SessionWithUser;
let logEnd: bigint;
let copies: Map<string, SessionCopy>;
let lent: number[];
let onTheWay: () => void;
let here: Node;
let there: Node;

beforeEach(() => {
  wallClock = new Date('2026-01-01T00:00:00Z');
  monotonicMs = 1_000_000;
  logEnd = 40n;
  copies = new Map();
  lent = [];
  onTheWay = () => {};
  const userId = newId('usr');
  const session = beginSession(
    { id: newId('ses'), userId, organisationId: newId('org'), amr: ['pwd'], ipAddress: '::1', userAgent: 'test', deviceId: null },
    wallClock,
    { idleTimeoutSeconds: 3_600, absoluteTimeoutSeconds: 86_400 },
  );
  const user = { id: userId, displayName: 'Ada', email: 'ada@example.com', status: 'active', createdAt: wallClock } as const;
  stored = { session, user };
  here = openNode();
  there = openNode();
});

function openNode({ clock = () => wallClock } = {}): Node {
  const read = async () => {
    node.reads += 1;
    return stored;
  };
  const node: Node = {
    reads: 0,
    caughtUpAtMs: monotonicMs,
    position: logEnd,
    followedFrom: logEnd,
    cache: createSessionCache({
      sessions: { findById: read, findByTokenHash: read },
      shared: {
        find: async (key) => {
          const copy = copies.get(key);
          onTheWay();
          return copy;
        },
        keep: (key, copy, forMs) => {
          copies.set(key, copy);
          lent.push(forMs);
        },
      },
      feed: {
        caughtUpAtMs: () => node.caughtUpAtMs,
        position: () => node.position,
        followedFrom: () => node.followedFrom,
      },
      clock: { now: clock },
      monotonicMs: () => monotonicMs,
      maxEntries: 100,
    }),
  };
  return node;
}

const hash = Buffer.alloc(32, 7);
const ask = (node: Node) => node.cache.findByTokenHash(hash);
/** Whether the node answers, and rightly, without asking the database. */
async function isLent(node: Node): Promise<boolean> {
  const before = node.reads;
  expect(await ask(node)).toEqual(stored);
  return node.reads === before;
}
type Told = Parameters<SessionCache['changed']>[0];
/** The next event of the log, told to these nodes. */
function append(event: Told, ...nodes: readonly Node[]): void {
  logEnd += 1n;
  for (const node of nodes) {
    node.position = logEnd;
    node.cache.changed({ ...event, position: logEnd });
  }
}
function passMs(ms: number, ...nodes: readonly Node[]): void {
  wallClock = new Date(wallClock.getTime() + ms);
  monotonicMs += ms;
  for (const node of nodes) node.caughtUpAtMs = monotonicMs;
}
const revoked = (): Told => ({ type: 'session.revoked', sessionId: stored.session.id, subjectId: stored.user.id });
function revoke(): void {
  stored = { ...stored, session: { ...stored.session, revokedAt: wallClock, revokedReason: 'revoked' } };
}

describe('a session that another node read', () => {
  it('is had from its copy, once, and from memory from then on', async () => {
    expect(await isLent(here)).toBe(false);
    expect(await isLent(there)).toBe(true);
    expect(await isLent(there)).toBe(true);
    expect(there.cache.stats()).toMatchObject({ hits: 1, sharedHits: 1, misses: 0 });
  });

  it('is not had from a copy that was read before its revocation, by whichever node that has the event', async () => {
    await ask(here);
    revoke();
    append(revoked(), here, there);
    for (const node of [here, there]) expect((await ask(node))?.session.revokedAt).not.toBeNull();
  });

  it('is not had so when the revocation was committed here and has no place in the log yet', async () => {
    await ask(there);
    revoke();
    here.cache.changed(revoked());
    expect((await ask(here))?.session.revokedAt).not.toBeNull();
  });

  it('is not had so by a node that does not keep up with the log, which may not have heard of the revocation', async () => {
    await ask(here);
    revoke();
    passMs(mostUnconfirmedMs + 1);
    expect((await ask(there))?.session.revokedAt).not.toBeNull();
  });

  it('is not had so by a node that began to follow the log after the revocation', async () => {
    await ask(here);
    revoke();
    append(revoked(), here);
    expect((await ask(openNode()))?.session.revokedAt).not.toBeNull();
  });

  it('is not had from a copy that is put back later, when the revocation is remembered no more', async () => {
    await ask(here);
    const copy = copies.get(hash.toString('latin1')) as SessionCopy;
    append(revoked(), here, there);
    // By its own times it would still be good: whoever puts it back sets the clocks back too.
    for (const other of Array.from({ length: 3 }, () => newId('usr'))) {
      passMs(121_000, here, there);
      append({ type: 'password.changed', subjectId: other }, here, there);
    }
    stored = { ...stored, session: { ...stored.session, lastUsedAt: addSeconds(wallClock, -1) } };
    const packed = packSession(stored) as SessionCopy['packed'];
    copies.set(hash.toString('latin1'), { ...copy, packed, readAt: wallClock });
    expect(await isLent(there)).toBe(false);
    copies.set(hash.toString('latin1'), { packed, position: logEnd, readAt: wallClock });
    expect(await isLent(openNode())).toBe(true);
  });

  it('is had from a copy that was read after its change', async () => {
    append({ type: 'session.reauthenticated', sessionId: stored.session.id, subjectId: stored.user.id }, here, there);
    expect(await isLent(here)).toBe(false);
    expect(await isLent(there)).toBe(true);
  });

  it('is had from a copy again once a change that was committed here has its place', async () => {
    here.cache.changed({ type: 'password.changed', subjectId: stored.user.id });
    passMs(1, here, there);
    append({ type: 'password.changed', subjectId: stored.user.id }, here, there);
    await ask(there);
    expect(await isLent(here)).toBe(true);
  });

  it('is not had from a copy of a log that goes further than this one: another database, or one that was restored', async () => {
    here.position += 1n;
    await ask(here);
    expect(await isLent(there)).toBe(false);
  });

  it('is had by a node that has just started, as far as it has read the log back', async () => {
    const other = newId('usr');
    await ask(here);
    append({ type: 'password.changed', subjectId: other }, here, there);
    const started = openNode();
    started.cache.changed({ type: 'password.changed', subjectId: other, position: logEnd });
    started.cache.knowsSince(40n);
    expect(await isLent(started)).toBe(true);
  });

  it('is not had from a copy that a change overtakes on its way from Redis', async () => {
    await ask(here);
    onTheWay = () => {
      revoke();
      append(revoked(), there);
    };
    expect((await ask(there))?.session.revokedAt).not.toBeNull();
  });

  it('is not had from a copy that comes when the node has fallen behind the log', async () => {
    await ask(here);
    onTheWay = () => {
      revoke();
      passMs(mostUnconfirmedMs + 1);
    };
    expect((await ask(there))?.session.revokedAt).not.toBeNull();
  });

  it('is refused by memory as soon as it ends, also where its copy was used', async () => {
    await ask(here);
    expect(await isLent(there)).toBe(true);
    revoke();
    append(revoked(), there);
    expect((await ask(there))?.session.revokedAt).not.toBeNull();
  });

  it('is not had from a copy when it has ended by its times, or when its use has to be written down', async () => {
    await ask(here);
    passMs(60_000, here, there);
    expect(await isLent(there)).toBe(false);
  });

  it('counts for a minute in all from when the database was asked, however often it is lent', async () => {
    stored = { ...stored, session: { ...stored.session, lastUsedAt: addSeconds(wallClock, 3_600) } };
    const third = openNode();
    await ask(here);
    passMs(40_000, here, there, third);
    expect(await isLent(there)).toBe(true);
    passMs(20_001, here, there, third);
    // Somebody has made Redis keep it for longer.
    expect(await isLent(third)).toBe(false);
    copies.clear();
    expect(await isLent(there)).toBe(false);
    expect(Math.max(...lent)).toBeLessThanOrEqual(60_000);
  });

  it('is not lent when it may not be used, nor for longer than its use goes unwritten', async () => {
    passMs(50_000, here, there);
    await ask(here);
    expect(lent).toEqual([10_000]);
    revoke();
    copies.clear();
    await ask(there);
    expect(copies.size).toBe(0);
  });
});
