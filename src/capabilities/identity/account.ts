import type { AccountId, UserId } from '#kernel/ids.ts';

export const passwordProvider = 'password';

/**
 * One way in which a user proves who they are. `provider` and `providerSubject` together name at most one account; the
 * secret itself (a password hash, a key) belongs to the capability that checks it.
 */
export interface Account {
  readonly id: AccountId;
  readonly userId: UserId;
  /** `password`, or the key of a federated provider such as `github`. */
  readonly provider: string;
  /** Who the user is to that provider: `sub` of OpenID Connect Core, 2; for the local password the user's own id. */
  readonly providerSubject: string;
  readonly createdAt: Date;
}

const providerKey = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const maxKeyLength = 63;
const maxSubjectLength = 255; // OpenID Connect Core, 2: `sub` has at most 255 ASCII characters
const printableAscii = /^[\x20-\x7e]+$/;

/** The account of the local password; its subject is the user, so a user has at most one. */
export function createPasswordAccount(input: { id: AccountId; userId: UserId; createdAt: Date }): Account {
  return { ...input, provider: passwordProvider, providerSubject: input.userId };
}

/** An account at another provider. Throws when the provider's key or the subject is malformed: both come from our own code. */
export function createFederatedAccount(input: {
  id: AccountId;
  userId: UserId;
  provider: string;
  providerSubject: string;
  createdAt: Date;
}): Account {
  if (input.provider === passwordProvider) throw new RangeError('the local password is no federated provider');
  if (input.provider.length > maxKeyLength || !providerKey.test(input.provider)) {
    throw new RangeError(`a provider's key is lower-case kebab of at most ${maxKeyLength} characters`);
  }
  if (input.providerSubject.length > maxSubjectLength || !printableAscii.test(input.providerSubject)) {
    throw new RangeError(`a subject has 1 to ${maxSubjectLength} printable ASCII characters`);
  }
  return { ...input };
}
