import { describe, expect, it } from 'vitest';
import type { Actor, UserActor } from '#kernel/actor.ts';
import { addSeconds } from '#kernel/clock.ts';
import { newId } from '#kernel/ids.ts';
import { assertFreshAuthentication } from './fresh-authentication.ts';

const origin = { ipAddress: '192.0.2.1', userAgent: '', correlationId: 'test' };
const provedAt = new Date('2026-01-31T12:00:00.000Z');
const person = (change: Partial<UserActor> = {}): UserActor => ({
  kind: 'user',
  origin,
  userId: newId('usr'),
  sessionId: newId('ses'),
  organisationId: newId('org'),
  authTime: provedAt,
  amr: ['pwd'],
  ...change,
});
const aal1 = { maxAgeSeconds: 600, acr: 'urn:sallyport:aal1' } as const;
const aal2 = { maxAgeSeconds: 600, acr: 'urn:sallyport:aal2' } as const;
const later = (seconds: number) => addSeconds(provedAt, seconds);
const asking = (actor: Actor, policy: typeof aal1 | typeof aal2, now: Date) => () =>
  assertFreshAuthentication(actor, policy, now);

describe('a fresh authentication', () => {
  it('is one of less than the allowed age, to the very moment', () => {
    expect(asking(person(), aal1, later(599.999))).not.toThrow();
    expect(asking(person(), aal1, later(600))).toThrow(
      expect.objectContaining({
        code: 'STEP_UP_REQUIRED',
        status: 401,
        maxAgeSeconds: 600,
        acrValues: ['urn:sallyport:aal1', 'urn:sallyport:aal2'],
      }),
    );
  });

  it('is none when it lies in the future: the clock was moved back', () => {
    expect(asking(person(), aal1, later(-5))).not.toThrow();
    expect(asking(person(), aal1, later(-5.001))).toThrow(expect.objectContaining({ code: 'STEP_UP_REQUIRED' }));
  });

  it('is as strong as wanted: one factor is not two', () => {
    expect(asking(person(), aal2, later(1))).toThrow(expect.objectContaining({ acrValues: ['urn:sallyport:aal2'] }));
    expect(asking(person({ amr: ['pwd', 'otp', 'mfa'] }), aal2, later(1))).not.toThrow();
    expect(asking(person({ amr: ['pwd', 'otp', 'mfa'] }), aal2, later(600))).toThrow();
  });

  it.each<Actor>([
    { kind: 'anonymous', origin },
    { kind: 'system', name: 'start', origin },
  ])('is a person’s alone: $kind', (actor) => {
    expect(asking(actor, aal1, later(1))).toThrow(expect.objectContaining({ code: 'UNAUTHENTICATED' }));
  });
});
