import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { beginSession, isLive, isTouchDue, type Session, touchSession } from './session.ts';

const start = new Date('2026-01-31T12:00:00.000Z');
const timeouts = { idleTimeoutSeconds: 600, absoluteTimeoutSeconds: 3_600 };

function begun(change: Partial<Session> = {}): Session {
  const who = { id: newId('ses'), userId: newId('usr'), organisationId: newId('org'), amr: ['pwd'], ipAddress: '192.0.2.1' };
  return { ...beginSession({ ...who, userAgent: 'test', deviceId: null }, start, timeouts), ...change };
}

const at = (seconds: number) => addSeconds(start, seconds);

describe('a session', () => {
  it('ends when it is not used, to the very moment', () => {
    expect(isLive(begun(), at(599.999))).toBe(true);
    expect(isLive(begun(), at(600))).toBe(false);
  });

  it('ends at its absolute timeout, however much it is used', () => {
    let session = begun();
    for (let second = 60; second < 3_600; second += 60) session = { ...session, ...touchSession(session, at(second), timeouts) };
    expect(isLive(session, at(3_599))).toBe(true);
    expect(isLive(session, at(3_600))).toBe(false);
  });

  it('ends when it is revoked', () => {
    expect(isLive(begun({ revokedAt: at(1) }), at(2))).toBe(false);
  });

  it('never idles beyond its absolute timeout', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 10_000 }),
        fc.nat(20_000),
        (idle, absolute, later) => {
          const limits = { idleTimeoutSeconds: idle, absoluteTimeoutSeconds: absolute };
          const session = beginSession(begun(), start, limits);
          const used = { ...session, ...touchSession(session, at(later), limits) };
          expect(session.idleExpiresAt <= session.expiresAt).toBe(true);
          expect(used.idleExpiresAt <= used.expiresAt).toBe(true);
          expect(used.expiresAt).toEqual(session.expiresAt);
        },
      ),
    );
  });

  it('notes its use at most once a minute', () => {
    expect(touchSession(begun(), at(59.999), timeouts)).toBeNull();
    expect(touchSession(begun(), at(60), timeouts)).toEqual({ lastUsedAt: at(60), idleExpiresAt: at(660) });
  });

  it('keeps no more than 512 characters of what a browser calls itself', () => {
    expect(beginSession({ ...begun(), userAgent: 'x'.repeat(10_000) }, start, timeouts).userAgent).toHaveLength(512);
  });
});

describe('a use that has to be written down', () => {
  const lastUsedAt = new Date('2026-01-01T00:00:00Z');
  const isDue = (idleSeconds: number, afterSeconds: number) =>
    isTouchDue({ lastUsedAt, idleExpiresAt: addSeconds(lastUsedAt, idleSeconds) }, addSeconds(lastUsedAt, afterSeconds));

  it('is one a minute after the last, as a rule', () => {
    expect([isDue(1_209_600, 59.9), isDue(1_209_600, 60)]).toEqual([false, true]);
  });

  it('is an earlier one where the session would end while it is in use, but never each', () => {
    expect([isDue(60, 14.9), isDue(60, 15)]).toEqual([false, true]);
    expect([isDue(4, 4), isDue(4, 5)]).toEqual([false, true]);
  });
});
