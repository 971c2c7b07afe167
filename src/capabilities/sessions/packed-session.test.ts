import { expect, it } from 'vitest';
import { newId, type SessionId } from '#kernel/ids.ts';
import { packSession, unpackSession } from './packed-session.ts';
import { beginSession } from './session.ts';
import type { SessionWithUser } from './sessions.ports.ts';

const now = new Date('2026-01-31T12:34:56.789Z');
const userId = newId('usr');

function sessionWith(ofSession: Partial<SessionWithUser['session']> = {}, ofUser: Partial<SessionWithUser['user']> = {}) {
  const begun = beginSession(
    {
      id: newId('ses'),
      userId,
      organisationId: newId('org'),
      amr: ['pwd'],
      ipAddress: '2001:db8::1',
      userAgent: 'Mozilla/5.0 "é"',
      deviceId: newId('dev'),
    },
    now,
    { idleTimeoutSeconds: 1_209_600, absoluteTimeoutSeconds: 2_592_000 },
  );
  const user = { id: userId, displayName: 'Ada', email: 'ada@example.com', status: 'active', createdAt: now } as const;
  return { session: { ...begun, ...ofSession }, user: { ...user, ...ofUser } };
}

it.each<[string, SessionWithUser]>([
  ['a plain one', sessionWith()],
  ['one without a device, bound to a key', sessionWith({ deviceId: null, dpopJkt: 'x'.repeat(43) })],
  ['one with a timeout and factors of its own', sessionWith({ idleTimeoutSeconds: 900, amr: ['pwd', 'otp', 'mfa'] })],
  ['one of times that lie before its beginning', sessionWith({ authTime: new Date(0) }, { createdAt: new Date('2001-01-01') })],
  ['a name of any letters', sessionWith({}, { displayName: '山田 „\u2028"\\ 🦊', email: 'käthe@пример.example' })],
])('gives back what it was given: %s', (_name, found) => {
  const packed = packSession(found);
  expect(packed && unpackSession(packed)).toEqual(found);
});

it('takes one byte a letter, whatever the name is written in', () => {
  const packed = packSession(sessionWith({}, { displayName: '山田 🦊' }));
  expect(Buffer.from(packed?.text ?? '', 'latin1').toString('latin1')).toBe(packed?.text);
});

it('packs nothing that may not be used, and no ids that it could not give back', () => {
  for (const bad of [
    sessionWith({ revokedAt: now }),
    sessionWith({}, { status: 'suspended' }),
    sessionWith({ id: 'ses_short' as SessionId }),
    sessionWith({}, { id: newId('usr') }),
  ])
    expect(packSession(bad)).toBeNull();
});
