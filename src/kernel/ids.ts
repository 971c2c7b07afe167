import { customAlphabet } from 'nanoid';

/**
 * Identifiers are opaque strings with a type prefix, so that an id pasted into a log or a ticket says what it names,
 * and one kind can't be passed for another at compile time.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

export type UserId = Branded<'UserId'>;
export type EmailAddressId = Branded<'EmailAddressId'>;
export type AccountId = Branded<'AccountId'>;
export type OrganisationId = Branded<'OrganisationId'>;
export type MembershipId = Branded<'MembershipId'>;
export type RoleId = Branded<'RoleId'>;
export type SessionId = Branded<'SessionId'>;
export type RefreshTokenId = Branded<'RefreshTokenId'>;
export type DeviceId = Branded<'DeviceId'>;
export type EventId = Branded<'EventId'>;
export type RegistrationId = Branded<'RegistrationId'>;
export type OneTimeTokenId = Branded<'OneTimeTokenId'>;
export type SigningKeyId = Branded<'SigningKeyId'>;
export type AccessTokenId = Branded<'AccessTokenId'>;

const prefixes = {
  usr: null as unknown as UserId,
  eml: null as unknown as EmailAddressId,
  acc: null as unknown as AccountId,
  org: null as unknown as OrganisationId,
  mem: null as unknown as MembershipId,
  rol: null as unknown as RoleId,
  ses: null as unknown as SessionId,
  rft: null as unknown as RefreshTokenId,
  dev: null as unknown as DeviceId,
  evt: null as unknown as EventId,
  reg: null as unknown as RegistrationId,
  ott: null as unknown as OneTimeTokenId,
  key: null as unknown as SigningKeyId,
  jti: null as unknown as AccessTokenId,
};

export type IdPrefix = keyof typeof prefixes;
export type IdOf<Prefix extends IdPrefix> = (typeof prefixes)[Prefix];

// 22 characters of a 58-letter alphabet are 128.9 bits; no look-alikes (0 O I l), no characters that break a double click.
const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const bodyLength = 22;
const body = customAlphabet(alphabet, bodyLength);
const shape = new RegExp(`^([a-z]{3})_[${alphabet}]{${bodyLength}}$`);

/** A new random id of the kind that `prefix` names: 128 bits from the system's CSPRNG. */
export function newId<Prefix extends IdPrefix>(prefix: Prefix): IdOf<Prefix> {
  return `${prefix}_${body()}` as IdOf<Prefix>;
}

/** Whether `value` has the exact shape of an id of this kind; says nothing of whether such a thing exists. */
export function isId<Prefix extends IdPrefix>(prefix: Prefix, value: unknown): value is IdOf<Prefix> {
  return typeof value === 'string' && value.startsWith(`${prefix}_`) && shape.test(value);
}
