import { type Email, envelopeAddress } from '#capabilities/identity/index.ts';
import type { Mail } from '#platform/mail/index.ts';

export function resetMail(email: Email, link: string): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'Set a new password',
    text: `Somebody, most likely you, asked to set a new password for your account.\n\nTo do so, open this link within an hour:\n\n${link}\n\nIf it was not you, do nothing: your password has not changed.\n`,
  };
}

export function passwordChangedMail(email: Email, publicUrl: URL): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'Your password was changed',
    text: `The password of your account was changed, and your other sessions were ended.\n\nIf it was not you, set a new password at once with "Forgot password":\n\n${publicUrl.href}\n`,
  };
}

export function passwordDisabledMail(email: Email, publicUrl: URL): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'Your password was disabled',
    text: `After 100 wrong tries in a row your password was disabled, to keep your account safe. Where you are signed in you stay so.\n\nTo use a password again, set a new one with "Forgot password":\n\n${publicUrl.href}\n`,
  };
}
