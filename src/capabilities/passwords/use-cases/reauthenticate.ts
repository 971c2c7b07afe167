import type { UserStore } from '#capabilities/identity/index.ts';
import type { RenewAuthentication, Session } from '#capabilities/sessions/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import { UnauthenticatedError } from '#kernel/errors.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { parsePassword } from '../password.ts';
import { InvalidCredentialsError } from '../passwords.errors.ts';
import type { CheckGuess } from './check-guess.ts';

export interface ReauthenticateDeps {
  readonly unitOfWork: UnitOfWork;
  readonly users: Pick<UserStore, 'findById'>;
  readonly checkGuess: CheckGuess;
  readonly renewAuthentication: RenewAuthentication;
}

export type Reauthenticate = (actor: UserActor, input: { readonly password: string }) => Promise<Session>;

/**
 * Step-up by the password: the session's `auth_time` becomes now (RFC 9470, 5). Throttled as at sign-in and counted for this
 * session, so that a stolen one is no place to guess the password at and strangers keep nobody from it. Throws InvalidCredentialsError, RateLimitedError, OverloadedError,
 * and UnauthenticatedError when the session has ended meanwhile.
 */
export const reauthenticate =
  ({ unitOfWork, users, checkGuess, renewAuthentication }: ReauthenticateDeps): Reauthenticate =>
  async (actor, input) => {
    const person = await users.findById(actor.userId);
    if (!person) throw new UnauthenticatedError();
    const password = parsePassword(input.password);
    if (!password.ok) throw new InvalidCredentialsError();
    const right = await checkGuess(actor, person.emailAddress.email, password.value, actor.sessionId);
    if (right.of !== 'user' || right.guess.userId !== actor.userId) throw new InvalidCredentialsError();
    return unitOfWork.hotTransaction(async (tx) => {
      await right.settle(tx);
      return renewAuthentication(tx, actor, ['pwd']);
    });
  };
