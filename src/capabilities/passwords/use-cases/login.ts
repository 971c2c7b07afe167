import type { CompleteSignIn, ResendConfirmation, SignedIn } from '#capabilities/authentication/index.ts';
import { parseEmail } from '#capabilities/identity/index.ts';
import { NetworkNotAllowedError, SessionLimitReachedError, type TokenDelivery } from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { InvalidInputError } from '#kernel/errors.ts';
import { together } from '#kernel/together.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { parsePassword } from '../password.ts';
import type { CheckGuess } from './check-guess.ts';

export interface LoginDeps {
  readonly unitOfWork: UnitOfWork;
  readonly checkGuess: CheckGuess;
  readonly completeSignIn: CompleteSignIn;
  readonly resendConfirmation: ResendConfirmation;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly delivery: TokenDelivery;
  /** The key that the request proved to hold, which tokens are bound to; null for none. */
  readonly dpopJkt: string | null;
}

export type LoginOutcome =
  | { readonly kind: 'signed-in'; readonly issued: SignedIn }
  | { readonly kind: 'challenge'; readonly challenge: 'email-verification' };
export type Login = (actor: Actor, input: LoginInput) => Promise<LoginOutcome>;

/**
 * Signs in by address and password. A right password whose address still waits for confirmation gets a challenge, and the
 * link again. Throws InvalidInputError, InvalidCredentialsError, RateLimitedError,
 * OverloadedError, SessionLimitReachedError and NetworkNotAllowedError.
 */
export const login =
  ({ unitOfWork, checkGuess, completeSignIn, resendConfirmation }: LoginDeps): Login =>
  async (actor, input) => {
    const email = parseEmail(input.email);
    if (!email.ok) throw new InvalidInputError([{ path: 'input.email', message: email.problem }]);
    const password = parsePassword(input.password);
    if (!password.ok) throw new InvalidInputError([{ path: 'input.password', message: 'is not text that can be a password' }]);

    const right = await checkGuess(actor, email.value, password.value);
    if (right.of === 'user') {
      const { failuresBefore } = right;
      const { userId, organisationId } = right.guess;
      const issued = await unitOfWork.hotTransaction(async (tx) => {
        const { delivery, dpopJkt } = input;
        // Where the guess does not settle, what came behind it is rolled back with it.
        const [, signedIn] = await together(
          right.settle(tx),
          completeSignIn(tx, { actor, userId, organisationId, amr: ['pwd'], delivery, dpopJkt, failuresBefore }),
        );
        return signedIn;
      });
      if ('refused' in issued)
        throw issued.refused === 'network' ? new NetworkNotAllowedError() : new SessionLimitReachedError(issued.limit);
      return { kind: 'signed-in', issued };
    }
    const { registration } = right;
    await unitOfWork.transaction(async (tx) => {
      await right.settle(tx);
      await resendConfirmation(tx, registration);
    });
    return { kind: 'challenge', challenge: 'email-verification' };
  };
