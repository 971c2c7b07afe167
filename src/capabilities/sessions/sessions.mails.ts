import { type Email, envelopeAddress } from '#capabilities/identity/index.ts';
import { writtenTime } from '#kernel/clock.ts';
import type { Mail } from '#platform/mail/index.ts';

export function refreshTokenReusedMail(email: Email, at: Date, publicUrl: URL): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'One of your sessions was ended',
    text: `A key that keeps one of your apps signed in was used a second time, after it had been replaced. Somebody may have a copy of it, so that session was ended; your others go on.\n\nTime: ${writtenTime(at)}\n\nSign in again in the app that asks for it. If you do not know why a copy should exist, look through your sessions, end those that you do not know, and set a new password:\n\n${publicUrl.href}\n`,
  };
}
