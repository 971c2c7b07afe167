import type { Place } from '#capabilities/devices/index.ts';
import { type Email, envelopeAddress } from '#capabilities/identity/index.ts';
import { writtenTime } from '#kernel/clock.ts';
import type { Mail } from '#platform/mail/index.ts';

/** Pages read the token from the fragment, which browsers send to no server and which so stands in no log. */
export function linkTo(publicUrl: URL, page: string, token: string): string {
  return `${new URL(page, publicUrl).href}#token=${token}`;
}

export function confirmAddressMail(email: Email, link: string): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'Confirm your address',
    text: `Somebody, most likely you, signed up with this address.\n\nTo confirm that it is yours, open this link within 24 hours and enter the password that you chose:\n\n${link}\n\nIf it was not you, do nothing: without the link there is no account.\n`,
  };
}

export function alreadyRegisteredMail(email: Email, publicUrl: URL): Mail {
  return {
    to: envelopeAddress(email),
    subject: 'You have an account already',
    text: `Somebody, most likely you, signed up with this address, but you have an account already.\n\nSign in here, or choose "Forgot password" there:\n\n${publicUrl.href}\n\nIf it was not you, do nothing: your account has not changed.\n`,
  };
}

export interface NewDeviceSignIn {
  readonly family: string;
  readonly place: Place | null;
  readonly at: Date;
}

export function newDeviceMail(email: Email, { family, place, at }: NewDeviceSignIn, link: string): Mail {
  const where = place ? `\nPlace: ${describePlace(place)} (roughly, by the network address)` : '';
  return {
    to: envelopeAddress(email),
    subject: 'New sign-in to your account',
    text: `Somebody, most likely you, signed in to your account by a device that was not used before.\n\nDevice: ${family}${where}\nTime: ${writtenTime(at)}\n\nIf it was you, do nothing.\n\nIf it was not you, open this link and confirm there: it signs you out everywhere, switches your password off, and sends you another mail to set a new one.\n\n${link}\n\nThe link works once, for seven days.\n`,
  };
}

function describePlace({ country, city }: Place): string {
  const name = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' }).of(country) ?? country;
  return city === null ? name : `${city}, ${name}`;
}
