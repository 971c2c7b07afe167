import type { PasswordEnrolment } from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { OrganisationStore, UserStore } from '#capabilities/identity/index.ts';
import type { EndSessions, RotatedSession, RotateSession } from '#capabilities/sessions/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { NotFoundError } from '#kernel/errors.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import { parsePassword } from '../password.ts';
import { InvalidCredentialsError } from '../passwords.errors.ts';
import { passwordChanged } from '../passwords.events.ts';
import { passwordChangedMail } from '../passwords.mails.ts';
import type { PasswordResetStore } from '../passwords.ports.ts';
import type { CheckGuess } from './check-guess.ts';

export interface ChangePasswordDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: Pick<UserStore, 'findById'>;
  readonly organisations: Pick<OrganisationStore, 'findById'>;
  readonly passwords: PasswordEnrolment;
  readonly checkGuess: CheckGuess;
  readonly resets: Pick<PasswordResetStore, 'deleteAll'>;
  readonly endSessions: EndSessions;
  readonly rotateSession: RotateSession;
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

export interface ChangePasswordInput {
  readonly currentPassword: string;
  readonly newPassword: string;
}

export interface ChangedPassword {
  readonly revokedSessionCount: number;
  /** The new cookie of the session that goes on; null where that has none. */
  readonly rotated: RotatedSession | null;
}

export type ChangePassword = (actor: UserActor, input: ChangePasswordInput) => Promise<ChangedPassword>;

/**
 * Replaces the password of who knows the current one, ends their other sessions and every link to set a new one, and replaces
 * the cookie of this one. The current password is guessed under
 * limits as at sign-in, counted for this session: a stolen one is no way around them, and whoever guesses at the sign-in
 * keeps nobody from changing the password. Throws InvalidCredentialsError, RateLimitedError,
 * OverloadedError and PasswordRejectedError.
 */
export const changePassword =
  (deps: ChangePasswordDeps): ChangePassword =>
  async (actor, { currentPassword, newPassword }) => {
    const { unitOfWork, users, organisations, passwords, checkGuess, resets } = deps;
    const { endSessions, rotateSession, sendMail, appendEvent, publicUrl, clock } = deps;
    const person = await users.findById(actor.userId);
    const organisation = await organisations.findById(actor.organisationId);
    if (!person || !organisation) throw new NotFoundError();
    const { email } = person.emailAddress;
    const current = parsePassword(currentPassword);
    if (!current.ok) throw new InvalidCredentialsError();

    const right = await checkGuess(actor, email, current.value, actor.sessionId);
    if (right.of !== 'user' || right.guess.userId !== actor.userId) throw new InvalidCredentialsError();
    // Settled by itself: a new password that is refused does not make the right old one a failure.
    await unitOfWork.hotTransaction((tx) => right.settle(tx));
    const hash = await passwords.prepare({ password: newPassword, email, displayName: person.user.displayName, organisation });
    return unitOfWork.transaction(async (tx) => {
      // A link that somebody asked for before must not undo the change. First, since who uses one takes it first as well.
      await resets.deleteAll(tx, actor.userId);
      // Once more: a reset that came in between must not be undone by who knew the password before it.
      await right.settle(tx);
      await passwords.store(tx, actor.userId, hash, clock.now());
      const revokedSessionCount = await endSessions.all(tx, actor, {
        userId: actor.userId,
        reason: 'password_changed',
        except: actor.sessionId,
      });
      const rotated = await rotateSession(tx, actor);
      await appendEvent(tx, { event: passwordChanged, actor, subjectId: actor.userId, data: { revokedSessionCount } });
      await sendMail(tx, passwordChangedMail(email, publicUrl));
      return { revokedSessionCount, rotated };
    });
  };
