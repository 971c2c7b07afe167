import {
  type AccountKeys,
  accountKeys,
  type KnownNetworkStore,
  networkOf,
  type Registration,
  type RegistrationStore,
  type ThrottleKey,
  type ThrottleStore,
  throttlePolicies,
} from '#capabilities/authentication/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Email, UserStore } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { OverloadedError, RateLimitedError } from '#kernel/errors.ts';
import { newId, type SessionId } from '#kernel/ids.ts';
import { together } from '#kernel/together.ts';
import type { DecoyHashes, KeyedHash, PasswordHasher } from '#platform/crypto/index.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { SendMail } from '#platform/mail/index.ts';
import type { Password } from '../password.ts';
import { InvalidCredentialsError } from '../passwords.errors.ts';
import { loginChallenged, loginThrottled, passwordDisabled, passwordRejected } from '../passwords.events.ts';
import { passwordDisabledMail } from '../passwords.mails.ts';
import type { Guess, PasswordCredentialStore } from '../passwords.ports.ts';

export interface CheckGuessDeps {
  readonly unitOfWork: UnitOfWork;
  readonly credentials: Pick<PasswordCredentialStore, 'reserveGuess' | 'settleGuess' | 'releaseGuess' | 'disableIfExhausted'>;
  readonly registrations: Pick<RegistrationStore, 'findPending'>;
  readonly users: Pick<UserStore, 'findById'>;
  readonly throttles: Pick<ThrottleStore, 'reservePair' | 'clear' | 'refundNow'>;
  readonly knownNetworks: Pick<KnownNetworkStore, 'remember'>;
  readonly throttleKey: KeyedHash;
  readonly hasher: PasswordHasher;
  /** What a guess is compared with where there is no account, and where no sign-up waits. */
  readonly decoys: { readonly accounts: Pick<DecoyHashes, 'for'>; readonly signUps: Pick<DecoyHashes, 'for'> };
  readonly sendMail: SendMail;
  readonly appendEvent: AppendEvent;
  readonly publicUrl: URL;
  readonly clock: Clock;
}

/**
 * A password that was right. `settle` writes so, in the transaction of what follows from it. It throws
 * InvalidCredentialsError where another password was set meanwhile: what ended all sessions must not miss one that an old
 * password is about to begin.
 */
export type RightGuess =
  | { readonly of: 'user'; readonly guess: Guess; readonly failuresBefore: number; settle(tx: HotTx): Promise<void> }
  | { readonly of: 'registration'; readonly registration: Registration; settle(tx: HotTx): Promise<void> };

/**
 * With `within`, the session in which somebody who is signed in has to prove themselves again, attempts are counted for that
 * session, and not with those to sign in: strangers can't keep them from it.
 */
export type CheckGuess = (actor: Actor, email: Email, password: Password, within?: SessionId) => Promise<RightGuess>;

/**
 * Checks a password against whoever has the address. Whether or not there is such a person, the steps are the same: count
 * the attempt, hash, and unless that was right, hash again against a sign-up that waits for its confirmation, and record
 * what came of it. Every guess is counted before it is checked, so that parallel guesses, however they come, are never
 * more than the limits. Throws RateLimitedError, OverloadedError and InvalidCredentialsError.
 */
export const checkGuess = (deps: CheckGuessDeps): CheckGuess => {
  const {
    unitOfWork,
    credentials,
    registrations,
    users,
    throttles,
    knownNetworks,
    throttleKey,
    hasher,
    decoys,
    sendMail,
    appendEvent,
    publicUrl,
    clock,
  } = deps;

  async function reserve(email: Email, network: ThrottleKey, keys: AccountKeys): Promise<Attempt> {
    const reserved = await throttles.reservePair(network, keys, clock.now());
    if (reserved.blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), reserved.blockedUntil));
    const { account } = reserved;
    // The attempt after the last free one is where slowing begins: that is told once, not for each attempt after it.
    const slowed = [
      ...(reserved.attempts.account === account.policy.freeAttempts + 1 ? ['account'] : []),
      ...(reserved.attempts.network === network.policy.freeAttempts + 1 ? ['network'] : []),
    ];
    const failuresBefore = reserved.attempts.account - 1;
    return { guess: await credentials.reserveGuess(email.normalised), slowed, network, account, failuresBefore };
  }

  /** Takes back what was counted for a guess that could not be checked. */
  async function release({ guess, network, account }: Attempt): Promise<void> {
    await throttles.refundNow(network);
    await throttles.refundNow(account);
    await credentials.releaseGuess(guess?.userId ?? newId('usr'));
  }

  /**
   * Committed before the caller is told, so that the failure counts even when the answer gets lost. A sign-up's password is
   * no less a wrong guess at the account, where there is one.
   */
  async function record(actor: Actor, email: Email, { guess, slowed }: Attempt, signedUp: Registration | null): Promise<void> {
    const { userId: subjectId, organisationId } = guess ?? signedUp ?? {};
    const subject = subjectId && organisationId ? { subjectId, organisationId } : {};
    const outcome =
      signedUp && !guess ? { event: loginChallenged, data: { challenge: 'email-verification' } } : { event: passwordRejected };
    const exhausted = await unitOfWork.hotTransaction(async (tx) => {
      await appendEvent(tx, { ...outcome, actor, ...subject, personal: { emailAddress: email.address } });
      for (const by of slowed) await appendEvent(tx, { event: loginThrottled, actor, ...subject, data: { by } });
      // Where nobody has the address, the statement that changes nothing still takes its time.
      const disabled = await credentials.disableIfExhausted(tx, guess?.userId ?? newId('usr'), clock.now());
      if (disabled) await appendEvent(tx, { event: passwordDisabled, actor, ...subject });
      return disabled;
    });
    if (exhausted && guess) await tellOwner(guess);
  }

  /** At the present parameters, if the stored hash has others; with the queue full it waits for the next sign-in. */
  async function rehash(from: string, password: Password) {
    if (!hasher.needsRehash(from)) return undefined;
    const to = await hasher.hash(password).catch((error: unknown) => {
      if (error instanceof OverloadedError) return null;
      throw error;
    });
    return to === null ? undefined : { from, to };
  }

  async function tellOwner(guess: Guess): Promise<void> {
    const owner = await users.findById(guess.userId);
    if (owner) await unitOfWork.hotTransaction((tx) => sendMail(tx, passwordDisabledMail(owner.emailAddress.email, publicUrl)));
  }

  /** The keys of a session, which no network is known for. */
  function sessionKeys(session: SessionId): AccountKeys {
    const { changePassword: policy } = throttlePolicies;
    const account = { key: throttleKey(`${policy.kind}:${session}`), policy };
    return { account, known: account };
  }

  return async (actor, email, password, within) => {
    const { ipAddress } = actor.origin;
    const { loginNetwork } = throttlePolicies;
    const network = { key: throttleKey(`${loginNetwork.kind}:${networkOf(ipAddress)}`), policy: loginNetwork };
    const keys = within ? sessionKeys(within) : accountKeys(throttleKey, email.normalised, ipAddress);
    const attempt = await reserve(email, network, keys);
    const { guess } = attempt;
    const hash = guess?.hash ?? decoys.accounts.for(email.normalised);
    const verified = await hasher.verify(hash, password).catch(async (error: unknown) => {
      await release(attempt).catch(() => undefined);
      throw error;
    });
    if (verified && guess?.userStatus === 'active') {
      const rehashed = await rehash(hash, password);
      await throttles.refundNow(network);
      return {
        of: 'user',
        guess,
        failuresBefore: attempt.failuresBefore,
        settle: async (tx) => {
          // In the order of `reserve`, or two sign-ins of one person at once would each wait for the other's row.
          const [, settled] = await together(
            within ? throttles.clear(tx, attempt.account.key) : knownNetworks.remember(tx, attempt.account, keys, clock.now()),
            credentials.settleGuess(tx, guess, rehashed),
          );
          if (!settled) throw new InvalidCredentialsError();
        },
      };
    }
    // A sign-up that waits for its confirmation is asked too, so that its owner can be told what is missing. Asked only for
    // an address without an account, it would tell whoever signs up with an address whether that has one.
    const pending = await registrations.findPending(email.normalised, clock.now());
    const pendingHash = pending?.passwordHash ?? decoys.signUps.for(email.normalised);
    const ofPending = await hasher.verify(pendingHash, password).catch(async (error: unknown) => {
      // The guess at the account was checked, and was wrong.
      await record(actor, email, attempt, null);
      throw error;
    });
    const signedUp = ofPending ? pending : null;
    await record(actor, email, attempt, signedUp);
    if (!signedUp) throw new InvalidCredentialsError();
    return {
      of: 'registration',
      registration: signedUp,
      // The account's attempt is not taken back: anybody can sign up with an address, and could then use up the guesses at
      // its account without ever having to wait. That it counts must not depend on whether there is such an account.
      settle: async () => {
        await throttles.refundNow(network);
      },
    };
  };
};

interface Attempt {
  readonly guess: Guess | null;
  readonly slowed: readonly string[];
  /** Attempts at the account since its last sign-in; those that are still under way count too. */
  readonly failuresBefore: number;
  readonly network: ThrottleKey;
  /** The one of the account's keys that it was counted under. */
  readonly account: ThrottleKey;
}
