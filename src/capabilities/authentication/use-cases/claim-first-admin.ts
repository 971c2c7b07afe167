import type { AccessStore } from '#capabilities/access/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import {
  type Email,
  type OrganisationStore,
  parseDisplayName,
  parseEmail,
  type RegisterUser,
  type User,
} from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import { type FieldProblem, InvalidInputError } from '#kernel/errors.ts';
import { newId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { hashOpaqueToken, isOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { TokenInvalidError } from '../authentication.errors.ts';
import { adminClaimed } from '../authentication.events.ts';
import type { BootstrapTokenStore, PasswordEnrolment, RegistrationStore } from '../authentication.ports.ts';
import type { GuardToken } from './guard-token.ts';

const prefix = 'sbt';
const lifetimeSeconds = 86_400;
/** Links that are good at once: each start prints one, and none may void the link that an operator has just asked for. */
const keptTokens = 10;

export interface IssueBootstrapTokenDeps {
  readonly unitOfWork: UnitOfWork;
  readonly tokens: BootstrapTokenStore;
  readonly access: Pick<AccessStore, 'hasAnyHolder'>;
  readonly clock: Clock;
}

export type IssueBootstrapToken = () => Promise<Secret<string> | null>;

/**
 * A fresh one-time token for the first administrator, good for a day; null once there is an owner. Earlier ones stay good
 * until one of them is used, but no more than the newest ten.
 */
export const issueBootstrapToken =
  ({ unitOfWork, tokens, access, clock }: IssueBootstrapTokenDeps): IssueBootstrapToken =>
  async () => {
    if (await access.hasAnyHolder('owner')) return null;
    const token = newOpaqueToken(prefix);
    const now = clock.now();
    await unitOfWork.transaction((tx) =>
      tokens.add(tx, newId('ott'), hashOpaqueToken(token.reveal()), now, addSeconds(now, lifetimeSeconds), keptTokens),
    );
    return token;
  };

export interface ClaimFirstAdminDeps {
  readonly unitOfWork: UnitOfWork;
  readonly tokens: Pick<BootstrapTokenStore, 'consume'>;
  readonly access: Pick<AccessStore, 'hasAnyHolder' | 'assignRole'>;
  readonly organisations: Pick<OrganisationStore, 'findDefault'>;
  readonly registrations: Pick<RegistrationStore, 'deleteByEmail'>;
  readonly registerUser: RegisterUser;
  readonly passwords: PasswordEnrolment;
  readonly guardToken: GuardToken;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface ClaimFirstAdminInput {
  readonly token: string;
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
}

export type ClaimFirstAdmin = (
  actor: Actor,
  input: ClaimFirstAdminInput,
) => Promise<{ readonly user: User; readonly email: Email }>;

/**
 * Makes the first owner of a deployment. Who reads the server's terminal is trusted with the address, so it counts as
 * confirmed. Throws InvalidInputError, TokenInvalidError, RateLimitedError, and what the password policy throws.
 */
export const claimFirstAdmin =
  (deps: ClaimFirstAdminDeps): ClaimFirstAdmin =>
  async (actor, input) => {
    const { unitOfWork, tokens, access, organisations, registrations, registerUser, passwords, guardToken, appendEvent, clock } =
      deps;
    if (!isOpaqueToken(prefix, input.token)) throw new TokenInvalidError();
    const email = parseEmail(input.email);
    const displayName = parseDisplayName(input.displayName);
    if (!email.ok || !displayName.ok) {
      const problems: FieldProblem[] = [];
      if (!email.ok) problems.push({ path: 'input.email', message: email.problem });
      if (!displayName.ok) problems.push({ path: 'input.displayName', message: displayName.problem });
      throw new InvalidInputError(problems);
    }
    const organisation = await organisations.findDefault();
    if (!organisation) throw new Error('there is no organisation to administer');
    const candidate = { password: input.password, email: email.value, displayName: displayName.value, organisation };

    return guardToken(actor, async () => {
      // Asked before the costly hash, so that a deployment that has its owner does no work for strangers; and outside the
      // transaction, since parallel claims that wait for the token's row may hold every other connection of the pool.
      if (await access.hasAnyHolder('owner')) return null;
      const hash = await passwords.prepare(candidate);
      return unitOfWork.transaction(async (tx) => {
        const now = clock.now();
        // Whoever consumes one removes them all, and so is the only one.
        if (!(await tokens.consume(tx, hashOpaqueToken(input.token), now))) return null;
        const userId = newId('usr');
        const person = { userId, displayName: displayName.value, email: email.value, organisationId: organisation.id };
        // In the order of verify-email.ts.
        await registrations.deleteByEmail(tx, email.value.normalised);
        const user = await registerUser(tx, actor, person);
        await passwords.store(tx, userId, hash, now);
        await access.assignRole(tx, userId, organisation.id, 'owner', now);
        await appendEvent(tx, { event: adminClaimed, actor, subjectId: userId, organisationId: organisation.id });
        return { user, email: email.value };
      });
    });
  };
