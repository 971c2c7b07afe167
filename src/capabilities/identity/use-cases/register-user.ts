import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { newId, type OrganisationId, type UserId } from '#kernel/ids.ts';
import type { Tx } from '#platform/db/index.ts';
import { createPasswordAccount } from '../account.ts';
import type { Email } from '../email.ts';
import { createEmailAddress, verifyEmailAddress } from '../email-address.ts';
import { emailVerified, userRegistered } from '../identity.events.ts';
import type { UserStore } from '../identity.ports.ts';
import { createMembership } from '../membership.ts';
import { createUser, type User } from '../user.ts';

export interface RegisterUserDeps {
  readonly users: Pick<UserStore, 'insert'>;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface RegisterUserInput {
  readonly userId: UserId;
  readonly displayName: string;
  /** An address whose reader has proved to be this person. */
  readonly email: Email;
  readonly organisationId: OrganisationId;
}

export type RegisterUser = (tx: Tx, actor: Actor, input: RegisterUserInput) => Promise<User>;

/** Makes a user with a confirmed address, in the caller's transaction. Throws EmailTakenError. */
export const registerUser =
  ({ users, appendEvent, clock }: RegisterUserDeps): RegisterUser =>
  async (tx, actor, { userId, displayName, email, organisationId }) => {
    const createdAt = clock.now();
    const user = createUser({ id: userId, displayName, createdAt });
    const claimed = createEmailAddress({ id: newId('eml'), userId, email, isPrimary: true, createdAt });
    await users.insert(tx, {
      user,
      emailAddress: verifyEmailAddress(claimed, createdAt),
      account: createPasswordAccount({ id: newId('acc'), userId, createdAt }),
      membership: createMembership({ id: newId('mem'), userId, organisationId, createdAt }),
    });
    const subject = { actor, subjectId: userId, organisationId };
    await appendEvent(tx, { event: userRegistered, ...subject });
    await appendEvent(tx, { event: emailVerified, ...subject, data: { emailAddressId: claimed.id } });
    return user;
  };
