import type { DeviceId, UserId } from '#kernel/ids.ts';

/** A browser or app by which a person signed in. One that two people use is a device of each. */
export interface Device {
  readonly id: DeviceId;
  readonly userId: UserId;
  /** What the person calls it; null as long as its family is name enough. */
  readonly name: string | null;
  /** What it says of itself, in words: "Firefox on Windows". It describes; nothing is decided by it. */
  readonly family: string;
  /** Where it was last signed in from, as far as a file of places tells. */
  readonly place: Place | null;
  readonly firstUsedAt: Date;
  /** To the minute. */
  readonly lastUsedAt: Date;
  readonly trustedUntil: Date | null;
}

/** No more exact than a city, on purpose. */
export interface Place {
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly city: string | null;
}

/** After so long without use a device is deleted: no browser keeps a cookie longer (RFC 6265bis, 5.5). */
export const forgetDeviceAfterSeconds = 400 * 86_400;

/** Whether the person trusts it at `now`. What asks for a second factor may then leave that out. */
export function isTrustedDevice({ trustedUntil }: Pick<Device, 'trustedUntil'>, now: Date): boolean {
  return trustedUntil !== null && now < trustedUntil;
}

export function deviceName({ name, family }: Pick<Device, 'name' | 'family'>): string {
  return name ?? family;
}

const longestName = 100;

// What turns the direction of the text around it, or shows nothing at all, is no part of a name.
const deceiving = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Reads what a person calls a device: one line of 1 to 100 characters, some of them to be seen. Null for what is no such name. */
export function parseDeviceName(text: string): string | null {
  const name = text.trim().normalize('NFC');
  if ([...name].length > longestName || deceiving.test(name) || !visible.test(name)) return null;
  return name;
}

// At least as long as 96 random bits, and nothing that a header or a log could trip over.
const clientIdShape = /^[A-Za-z0-9._~-]{16,128}$/;

/** Whether a client can be known by this text, which it made up at random and keeps. */
export function isClientDeviceId(text: string): boolean {
  return clientIdShape.test(text);
}
