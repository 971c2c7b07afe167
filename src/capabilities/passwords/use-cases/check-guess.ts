import {
  networkOf,
  type Registration,
  type RegistrationStore,
  type ThrottleStore,
  throttlePolicies,
} from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Email, UserStore } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { RateLimitedError } from '#kernel/errors.ts';
import type { KeyedHash, PasswordHasher } from '#platform/crypto/index.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import type { Password } from '../password.ts';
import { InvalidCredentialsError } from '../passwords.errors.ts';
import { loginThrottled, passwordDisabled, passwordRejected } from '../passwords.events.ts';
import { passwordDisabledMail } from '../passwords.mails.ts';
import type { Guess, PasswordCredentialStore } from '../passwords.ports.ts';

export interface CheckGuessDeps {
  readonly unitOfWork: UnitOfWork;
  readonly credentials: Pick<PasswordCredentialStore, 'reserveGuess' | 'settleGuess' | 'disableIfExhausted'>;
  readonly registrations: Pick<RegistrationStore, 'findPending'>;
  readonly users: Pick<UserStore, 'findById'>;
  readonly throttles: Pick<ThrottleStore, 'reserve' | 'clear' | 'refund'>;
  readonly throttleKey: KeyedHash;
  readonly hasher: PasswordHasher & { readonly dummyHash: string };
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

/** A password that was right. `settle` writes so, in the transaction of what follows from it. */
export type RightGuess =
  | { readonly of: 'user'; readonly guess: Guess; settle(tx: HotTx): Promise<void> }
  | { readonly of: 'registration'; readonly registration: Registration; settle(tx: HotTx): Promise<void> };

export type CheckGuess = (actor: Actor, email: Email, password: Password) => Promise<RightGuess>;

/**
 * Checks a password against whoever has the address. Whether or not there is such a person, the steps are the same: count
 * the attempt, hash once, record the failure. Every guess is counted before it is checked, so that parallel guesses,
 * however they come, are never more than the limits. Throws RateLimitedError and InvalidCredentialsError.
 */
export const checkGuess = (deps: CheckGuessDeps): CheckGuess => {
  const {
    unitOfWork,
    credentials,
    registrations,
    users,
    throttles,
    throttleKey,
    hasher,
    sendMail,
    appendEvent,
    publicUrl,
    clock,
  } = deps;
  const { loginAccount, loginNetwork } = throttlePolicies;

  async function reserve(email: Email, keys: Keys): Promise<Attempt> {
    const reserved = await unitOfWork.hotTransaction(async (tx) => {
      const now = clock.now();
      const network = await throttles.reserve(tx, keys.network, loginNetwork, now);
      if (network.blockedUntil) return network;
      const account = await throttles.reserve(tx, keys.account, loginAccount, now);
      if (account.blockedUntil) return account;
      // The attempt after the last free one is where slowing begins: that is told once, not for each attempt after it.
      const slowed = [
        ...(account.attempts === loginAccount.freeAttempts + 1 ? ['account'] : []),
        ...(network.attempts === loginNetwork.freeAttempts + 1 ? ['network'] : []),
      ];
      return { blockedUntil: null, guess: await credentials.reserveGuess(tx, email.normalised), slowed };
    });
    if (reserved.blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), reserved.blockedUntil));
    return reserved;
  }

  /** Committed before the caller is told, so that the failure counts even when the answer gets lost. */
  async function recordFailure(actor: Actor, email: Email, { guess, slowed }: Attempt): Promise<void> {
    const subject = guess ? { subjectId: guess.userId, organisationId: guess.organisationId } : {};
    const exhausted = await unitOfWork.hotTransaction(async (tx) => {
      await appendEvent(tx, { event: passwordRejected, actor, ...subject, personal: { emailAddress: email.address } });
      for (const by of slowed) await appendEvent(tx, { event: loginThrottled, actor, ...subject, data: { by } });
      const disabled = guess !== null && (await credentials.disableIfExhausted(tx, guess.userId, clock.now()));
      if (disabled) await appendEvent(tx, { event: passwordDisabled, actor, ...subject });
      return disabled;
    });
    if (exhausted && guess) await tellOwner(guess);
  }

  async function tellOwner(guess: Guess): Promise<void> {
    const owner = await users.findById(guess.userId);
    if (owner) await unitOfWork.hotTransaction((tx) => sendMail(tx, passwordDisabledMail(owner.emailAddress.email, publicUrl)));
  }

  return async (actor, email, password) => {
    const keys = {
      account: throttleKey(`login-account:${email.normalised}`),
      network: throttleKey(`login-network:${networkOf(actor.origin.ipAddress)}`),
    };
    const attempt = await reserve(email, keys);
    const { guess } = attempt;
    // Without a user, a sign-up that waits for its confirmation is asked, so that its owner can be told what is missing.
    const pending = guess ? null : await registrations.findPending(email.normalised, clock.now());
    const hash = guess?.hash ?? pending?.passwordHash ?? hasher.dummyHash;
    const right = await hasher.verify(hash, password);

    const forgive = async (tx: HotTx) => {
      await throttles.clear(tx, keys.account);
      await throttles.refund(tx, keys.network, loginNetwork);
    };
    if (right && guess?.userStatus === 'active') {
      const rehashed = hasher.needsRehash(hash) ? { from: hash, to: await hasher.hash(password) } : undefined;
      return {
        of: 'user',
        guess,
        settle: async (tx) => {
          await credentials.settleGuess(tx, guess.userId, rehashed);
          await forgive(tx);
        },
      };
    }
    if (right && pending) return { of: 'registration', registration: pending, settle: forgive };
    await recordFailure(actor, email, attempt);
    throw new InvalidCredentialsError();
  };
};

interface Attempt {
  readonly guess: Guess | null;
  readonly slowed: readonly string[];
}

interface Keys {
  readonly account: Buffer;
  readonly network: Buffer;
}
