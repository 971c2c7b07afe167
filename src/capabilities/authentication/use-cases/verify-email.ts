import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Email } from '#capabilities/identity/index.ts';
import { type OrganisationStore, parseDisplayName, type RegisterUser, type User } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { InvalidInputError, RateLimitedError } from '#kernel/errors.ts';
import { hashOpaqueToken, isOpaqueToken, type KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { TokenInvalidError, WrongPasswordError } from '../authentication.errors.ts';
import { registrationRefused } from '../authentication.events.ts';
import type { PasswordEnrolment, RegistrationStore, ThrottleStore } from '../authentication.ports.ts';
import { isPending, type Registration, verificationTokenPrefix } from '../registration.ts';
import { throttlePolicies } from '../throttle.ts';
import type { GuardToken } from './guard-token.ts';

export interface VerifyEmailDeps {
  readonly unitOfWork: UnitOfWork;
  readonly registrations: Pick<RegistrationStore, 'findByToken' | 'consume' | 'deleteByEmail'>;
  readonly organisations: Pick<OrganisationStore, 'findById'>;
  readonly registerUser: RegisterUser;
  readonly passwords: PasswordEnrolment;
  readonly throttles: Pick<ThrottleStore, 'reserve' | 'refundNow'>;
  readonly throttleKey: KeyedHash;
  readonly guardToken: GuardToken;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

/** With `password` the one that was chosen at sign-up, or with `newPassword` another, and then also another name. */
export interface VerifyEmailInput {
  readonly token: string;
  readonly password?: string | null | undefined;
  readonly newPassword?: string | null | undefined;
  readonly displayName?: string | null | undefined;
}

export type VerifyEmail = (actor: Actor, input: VerifyEmailInput) => Promise<{ readonly user: User; readonly email: Email }>;

/**
 * Consumes the link of a sign-up, once: the user comes into being, with a password that whoever opened the link has entered.
 * The link alone is not enough: it proves who has the address, but a stranger may have signed up with that address, and its
 * owner can not tell the stranger's link from their own. Throws InvalidInputError, TokenInvalidError, WrongPasswordError,
 * RateLimitedError, OverloadedError and PasswordRejectedError; after each of them the link is as good as before.
 */
export const verifyEmail = (deps: VerifyEmailDeps): VerifyEmail => {
  const { unitOfWork, registrations, organisations, registerUser, passwords, throttles, throttleKey, appendEvent, clock } = deps;

  /** Counted before it is checked, so that parallel guesses are never more than the limit. */
  async function proveChosen(actor: Actor, registration: Registration, password: string): Promise<void> {
    const policy = throttlePolicies.confirmRegistration;
    const key = throttleKey(`${policy.kind}:${registration.id}`);
    const { blockedUntil } = await unitOfWork.hotTransaction((tx) => throttles.reserve(tx, key, policy, clock.now()));
    if (blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), blockedUntil));
    const right = await passwords.verify(registration.passwordHash, password).catch(async (error: unknown) => {
      await throttles.refundNow({ key, policy }).catch(() => undefined);
      throw error;
    });
    if (right) return;
    const { userId: subjectId, organisationId, id: registrationId } = registration;
    await unitOfWork.hotTransaction((tx) =>
      appendEvent(tx, { event: registrationRefused, actor, subjectId, organisationId, data: { registrationId } }),
    );
    throw new WrongPasswordError();
  }

  async function bindNew({ email, organisationId }: Registration, displayName: string, password: string): Promise<string> {
    const organisation = await organisations.findById(organisationId);
    if (!organisation) throw new Error('the organisation of the sign-up is gone');
    return passwords.prepare({ password, email, displayName, organisation });
  }

  return async (actor, input) => {
    const choice = parseChoice(input);
    if (!isOpaqueToken(verificationTokenPrefix, input.token)) throw new TokenInvalidError();
    const tokenHash = hashOpaqueToken(input.token);
    return deps.guardToken(actor, async () => {
      const found = await registrations.findByToken(tokenHash);
      if (!found || !isPending(found, clock.now())) return null;
      const displayName = choice.displayName ?? found.displayName;
      if (choice.of === 'sign-up') await proveChosen(actor, found, choice.password);
      const hash = choice.of === 'sign-up' ? found.passwordHash : await bindNew(found, displayName, choice.password);
      return unitOfWork.transaction(async (tx) => {
        const registration = await registrations.consume(tx, tokenHash);
        if (!registration || !isPending(registration, clock.now())) return null;
        const { userId, organisationId, email } = registration;
        // Whoever else signed up with this address has lost: their links die with their passwords. Before the address is
        // taken, or who holds one of those links would wait for the address, and this for the link.
        await registrations.deleteByEmail(tx, email.normalised);
        const user = await registerUser(tx, actor, { userId, displayName, email, organisationId });
        await passwords.store(tx, userId, hash, clock.now());
        return { user, email };
      });
    });
  };
};

type Choice =
  | { readonly of: 'sign-up'; readonly password: string; readonly displayName?: undefined }
  | { readonly of: 'now'; readonly password: string; readonly displayName: string | undefined };

function parseChoice({ password, newPassword, displayName }: VerifyEmailInput): Choice {
  const refuse = (path: string, message: string) => new InvalidInputError([{ path, message }]);
  if (password != null && newPassword == null) {
    if (displayName != null) throw refuse('input.displayName', 'goes with a new password only');
    return { of: 'sign-up', password };
  }
  if (newPassword == null || password != null)
    throw refuse('input.password', 'give either the password chosen when signing up, or a new one');
  if (displayName == null) return { of: 'now', password: newPassword, displayName: undefined };
  const name = parseDisplayName(displayName);
  if (!name.ok) throw refuse('input.displayName', name.problem);
  return { of: 'now', password: newPassword, displayName: name.value };
}
