import type { EmailAddressId, UserId } from '#kernel/ids.ts';
import type { Email } from './email.ts';

/** An address that a user claims (`verifiedAt` null) or has shown to be theirs. At most one per user is the primary one. */
export interface EmailAddress {
  readonly id: EmailAddressId;
  readonly userId: UserId;
  readonly email: Email;
  readonly isPrimary: boolean;
  readonly verifiedAt: Date | null;
  readonly createdAt: Date;
}

/** A claimed address, not yet verified. */
export function createEmailAddress(input: {
  id: EmailAddressId;
  userId: UserId;
  email: Email;
  isPrimary: boolean;
  createdAt: Date;
}): EmailAddress {
  return { ...input, verifiedAt: null };
}

/** Marks the address as the user's own. The first proof counts: verifying again changes nothing. */
export function verifyEmailAddress(address: EmailAddress, at: Date): EmailAddress {
  if (at < address.createdAt) throw new RangeError('an e-mail address cannot be verified before it was claimed');
  return address.verifiedAt === null ? { ...address, verifiedAt: at } : address;
}

/**
 * Makes one of a user's addresses the primary one and every other not. Throws when the address is not among them, is not
 * verified (recovery mail goes to the primary address, so an unproven one would be a way in) or belongs to another user.
 */
export function makePrimary(addresses: readonly EmailAddress[], id: EmailAddressId): EmailAddress[] {
  const chosen = addresses.find((address) => address.id === id);
  if (chosen === undefined) throw new RangeError('the primary e-mail address must be one of the user');
  if (chosen.verifiedAt === null) throw new RangeError('the primary e-mail address must be verified');
  if (addresses.some((address) => address.userId !== chosen.userId))
    throw new RangeError('the addresses belong to several users');
  return addresses.map((address) => ({ ...address, isPrimary: address === chosen }));
}
