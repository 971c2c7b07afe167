import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { Tx } from '#platform/db/index.ts';
import type { Account } from './account.ts';
import type { EmailAddress } from './email-address.ts';
import type { Membership } from './membership.ts';
import type { Organisation } from './organisation.ts';
import type { User } from './user.ts';

export interface NewUser {
  readonly user: User;
  readonly emailAddress: EmailAddress;
  readonly account: Account;
  readonly membership: Membership;
}

export interface UserWithEmail {
  readonly user: User;
  readonly emailAddress: EmailAddress;
}

export interface UserStore {
  /** Throws EmailTakenError when somebody else was quicker with the address. */
  insert(tx: Tx, person: NewUser): Promise<void>;
  /** By the normalised address. */
  findByEmail(normalised: string): Promise<UserWithEmail | null>;
  /** With the primary address. */
  findById(id: UserId): Promise<UserWithEmail | null>;
}

export interface OrganisationStore {
  /** Lets one transaction at a time found the first organisation; held until it ends. */
  lockFounding(tx: Tx): Promise<void>;
  insert(tx: Tx, organisation: Organisation): Promise<void>;
  findById(id: OrganisationId): Promise<Organisation | null>;
  /** The organisation that people sign up to where they name none: the first one. */
  findDefault(): Promise<Organisation | null>;
}
