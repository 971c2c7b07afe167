import type { KeyedHash } from '#platform/crypto/index.ts';
import { networksOf } from '#platform/rate-limit/network.ts';
import type { AccountKeys } from './authentication.ports.ts';

/** How a throttle slows: so many attempts are free, then each further one doubles the wait, up to the longest. */
export interface ThrottlePolicy {
  readonly kind: string;
  readonly freeAttempts: number;
  readonly firstWaitSeconds: number;
  readonly longestWaitSeconds: number;
  /** After so long without an attempt, counting begins anew. */
  readonly forgetAfterSeconds: number;
}

const day = 86_400;

export const throttlePolicies = {
  /** Password guesses at one claimed account, whether or not it exists, from all networks where nobody has signed in to it. */
  loginAccount: { kind: 'login-account', freeAttempts: 5, firstWaitSeconds: 1, longestWaitSeconds: 900, forgetAfterSeconds: day },
  /** The same, by the same numbers, from one network where its owner has signed in: strangers elsewhere slow only each other. */
  loginKnown: { kind: 'login-known', freeAttempts: 5, firstWaitSeconds: 1, longestWaitSeconds: 900, forgetAfterSeconds: day },
  /** Guesses at the current password by who is signed in, in one session. */
  changePassword: {
    kind: 'change-password',
    freeAttempts: 5,
    firstWaitSeconds: 1,
    longestWaitSeconds: 900,
    forgetAfterSeconds: day,
  },
  /** Password guesses from one network: generous, since an office shares an address. */
  loginNetwork: {
    kind: 'login-network',
    freeAttempts: 100,
    firstWaitSeconds: 1,
    longestWaitSeconds: 900,
    forgetAfterSeconds: day,
  },
  /** Sign-ups from one network. */
  registerNetwork: {
    kind: 'register-network',
    freeAttempts: 30,
    firstWaitSeconds: 10,
    longestWaitSeconds: 3_600,
    forgetAfterSeconds: day,
  },
  /** Tries of one-time links that turned out to be none, from one network. */
  tokenNetwork: {
    kind: 'token-network',
    freeAttempts: 50,
    firstWaitSeconds: 1,
    longestWaitSeconds: 900,
    forgetAfterSeconds: day,
  },
  /** Refresh tokens that turned out to be none, from one network; good ones are neither counted nor slowed. */
  refreshNetwork: {
    kind: 'refresh-network',
    freeAttempts: 50,
    firstWaitSeconds: 1,
    longestWaitSeconds: 900,
    forgetAfterSeconds: day,
  },
  /**
   * Passwords tried at the link of one sign-up. Who opens a link has the mailbox and may choose another password, so this
   * only keeps them from finding out which one somebody else chose.
   */
  confirmRegistration: {
    kind: 'confirm-registration',
    freeAttempts: 9,
    firstWaitSeconds: 60,
    longestWaitSeconds: 3_600,
    forgetAfterSeconds: day,
  },
  /**
   * Mails of sign-ups, which anybody can cause to one address. What is too much is sent later, and only the newest of it: the
   * longest wait is how long a stranger can keep somebody's own sign-up waiting, and four mails an hour all they can send.
   */
  signUpMail: { kind: 'sign-up-mail', freeAttempts: 5, firstWaitSeconds: 60, longestWaitSeconds: 900, forgetAfterSeconds: day },
  /**
   * Mails with a link to set a new password, likewise, and counted apart: else sign-ups could use up the way back in. The
   * longest wait is far below an hour, for which a link is good: while none is sent, the last one that was still works.
   */
  resetMail: { kind: 'reset-mail', freeAttempts: 5, firstWaitSeconds: 60, longestWaitSeconds: 900, forgetAfterSeconds: day },
  /** Mails about new devices, counted apart as well. Only who knows the password can cause them. */
  deviceMail: { kind: 'device-mail', freeAttempts: 5, firstWaitSeconds: 60, longestWaitSeconds: 3_600, forgetAfterSeconds: day },
} as const satisfies Record<string, ThrottlePolicy>;

/** How long a network counts as known after its owner signed in from there the last time. */
export const knownNetworkSeconds = 90 * day;
/** At how many networks an account is known. */
export const maxKnownNetworks = 10;

/** The keys under which attempts to sign in to the account with this address, from this address of the network, are counted. */
export function accountKeys(throttleKey: KeyedHash, normalised: string, ipAddress: string): AccountKeys {
  const { loginAccount, loginKnown } = throttlePolicies;
  return {
    account: { key: throttleKey(`${loginAccount.kind}:${normalised}`), policy: loginAccount },
    known: { key: throttleKey(`${loginKnown.kind}:${networkOf(ipAddress)}:${normalised}`), policy: loginKnown },
  };
}

/** How long the attempt after the `attempts`th has to wait, in seconds. The adapter computes the same in SQL. */
export function waitAfter(policy: ThrottlePolicy, attempts: number): number {
  const excess = attempts - policy.freeAttempts;
  return excess <= 0 ? 0 : Math.min(policy.longestWaitSeconds, policy.firstWaitSeconds * 2 ** Math.min(excess - 1, 30));
}

/** What counts as one network: an IPv4 address, or the /64 of an IPv6 one, which is what a household or host is given. */
export const networkOf = (ipAddress: string): string => networksOf(ipAddress).address;
