import {
  accountKeys,
  type GuardToken,
  type KnownNetworkStore,
  type PasswordEnrolment,
  TokenInvalidError,
} from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { OrganisationStore, UserStore } from '#capabilities/identity/index.ts';
import type { EndSessions } from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { hashOpaqueToken, isOpaqueToken, type KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { passwordReset } from '../passwords.events.ts';
import { passwordChangedMail } from '../passwords.mails.ts';
import type { PasswordResetStore } from '../passwords.ports.ts';
import { resetTokenPrefix } from './request-password-reset.ts';

export interface ResetPasswordDeps {
  readonly unitOfWork: UnitOfWork;
  readonly resets: Pick<PasswordResetStore, 'find' | 'consume'>;
  readonly users: Pick<UserStore, 'findById'>;
  readonly organisations: Pick<OrganisationStore, 'findDefault'>;
  readonly passwords: PasswordEnrolment;
  readonly knownNetworks: Pick<KnownNetworkStore, 'rememberOnly'>;
  readonly throttleKey: KeyedHash;
  readonly endSessions: EndSessions;
  readonly guardToken: GuardToken;
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

export interface ResetPasswordInput {
  readonly token: string;
  readonly newPassword: string;
}

export type ResetPassword = (actor: Actor, input: ResetPasswordInput) => Promise<{ readonly revokedSessionCount: number }>;

/**
 * Binds a new password by a mailed link, once, and ends every session. It lifts the throttle of the account, makes the
 * network known, from which strangers can't slow its sign-ins then, and enables a disabled password: this is the recovery of
 * NIST SP 800-63B-4, 3.2.2. A password that the policy refuses leaves the link
 * good. Throws TokenInvalidError, RateLimitedError, OverloadedError and PasswordRejectedError.
 */
export const resetPassword =
  (deps: ResetPasswordDeps): ResetPassword =>
  async (actor, { token, newPassword }) => {
    const {
      unitOfWork,
      resets,
      users,
      organisations,
      passwords,
      knownNetworks,
      throttleKey,
      endSessions,
      guardToken,
      sendMail,
      appendEvent,
      publicUrl,
      clock,
    } = deps;
    if (!isOpaqueToken(resetTokenPrefix, token)) throw new TokenInvalidError();
    const tokenHash = hashOpaqueToken(token);
    return guardToken(actor, async () => {
      const userId = await resets.find(tokenHash, clock.now());
      const person = userId && (await users.findById(userId));
      const organisation = await organisations.findDefault();
      if (!person || !organisation) return null;
      const { email } = person.emailAddress;
      const hash = await passwords.prepare({ password: newPassword, email, displayName: person.user.displayName, organisation });
      return unitOfWork.transaction(async (tx) => {
        const now = clock.now();
        if (!(await resets.consume(tx, tokenHash, now))) return null;
        // In the order in which a sign-in takes these two rows: see check-guess.ts.
        const keys = accountKeys(throttleKey, email.normalised, actor.origin.ipAddress);
        await knownNetworks.rememberOnly(tx, keys, now);
        await passwords.store(tx, userId, hash, now);
        const revokedSessionCount = await endSessions.all(tx, actor, { userId, reason: 'password_reset' });
        await appendEvent(tx, { event: passwordReset, actor, subjectId: userId, data: { revokedSessionCount } });
        await sendMail(tx, passwordChangedMail(email, publicUrl));
        return { revokedSessionCount };
      });
    });
  };
