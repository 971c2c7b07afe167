import type { Email } from '#capabilities/identity/index.ts';
import { EmailTakenError, type RegisterUser, type User } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { RateLimitedError } from '#kernel/errors.ts';
import { hashOpaqueToken, isOpaqueToken, type KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { TokenInvalidError } from '../authentication.errors.ts';
import type { PasswordEnrolment, RegistrationStore, ThrottleStore } from '../authentication.ports.ts';
import { isPending, verificationTokenPrefix } from '../registration.ts';
import { networkOf, throttlePolicies } from '../throttle.ts';

export interface VerifyEmailDeps {
  readonly unitOfWork: UnitOfWork;
  readonly registrations: Pick<RegistrationStore, 'consume' | 'deleteByEmail'>;
  readonly registerUser: RegisterUser;
  readonly passwords: Pick<PasswordEnrolment, 'store'>;
  readonly guardToken: GuardToken;
  readonly clock: Clock;
}

export type VerifyEmail = (
  actor: Actor,
  input: { readonly token: string },
) => Promise<{ readonly user: User; readonly email: Email }>;

/**
 * Consumes the link of a sign-up, once: the user comes into being with the password that was chosen with this very link.
 * Throws TokenInvalidError and RateLimitedError.
 */
export const verifyEmail =
  ({ unitOfWork, registrations, registerUser, passwords, guardToken, clock }: VerifyEmailDeps): VerifyEmail =>
  async (actor, { token }) => {
    if (!isOpaqueToken(verificationTokenPrefix, token)) throw new TokenInvalidError();
    return guardToken(actor, () =>
      unitOfWork.transaction(async (tx) => {
        const registration = await registrations.consume(tx, hashOpaqueToken(token));
        if (!registration || !isPending(registration, clock.now())) return null;
        const { userId, organisationId, displayName, email } = registration;
        // Whoever else signed up with this address has lost: their links die with their passwords. Before the address is taken,
        // or who holds one of those links would wait for the address, and this for the link.
        await registrations.deleteByEmail(tx, email.normalised);
        const user = await registerUser(tx, actor, { userId, displayName, email, organisationId });
        await passwords.store(tx, userId, registration.passwordHash, clock.now());
        return { user, email };
      }),
    );
  };

export type GuardToken = <T>(actor: Actor, consume: () => Promise<T | null>) => Promise<T>;

export interface GuardTokenDeps {
  readonly unitOfWork: UnitOfWork;
  readonly throttles: Pick<ThrottleStore, 'reserve' | 'refund'>;
  readonly throttleKey: KeyedHash;
  readonly clock: Clock;
}

/** Slows a network that tries many one-time tokens. `consume` gives null for a token that is not good. */
export const guardToken =
  ({ unitOfWork, throttles, throttleKey, clock }: GuardTokenDeps): GuardToken =>
  async (actor, consume) => {
    const policy = throttlePolicies.tokenNetwork;
    const key = throttleKey(`${policy.kind}:${networkOf(actor.origin.ipAddress)}`);
    const { blockedUntil } = await unitOfWork.hotTransaction((tx) => throttles.reserve(tx, key, policy, clock.now()));
    if (blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), blockedUntil));
    const refund = () => unitOfWork.hotTransaction((tx) => throttles.refund(tx, key, policy));
    const result = await consume().catch(async (error: unknown) => {
      if (error instanceof EmailTakenError) return null;
      // Something else was wrong, such as the new password: that was no guess at a token.
      await refund().catch(() => undefined);
      throw error;
    });
    if (result === null) throw new TokenInvalidError();
    await refund();
    return result;
  };
