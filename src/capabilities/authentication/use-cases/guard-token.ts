import { EmailTakenError } from '#capabilities/identity/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { type Clock, secondsUntil } from '#kernel/clock.ts';
import { RateLimitedError } from '#kernel/errors.ts';
import type { KeyedHash } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { TokenInvalidError } from '../authentication.errors.ts';
import type { ThrottleStore } from '../authentication.ports.ts';
import { networkOf, throttlePolicies } from '../throttle.ts';

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

/** Counts a refresh token that turned out to be none. Throws RateLimitedError where the network has had too many of them. */
export const countMissedRefresh =
  ({
    unitOfWork,
    throttles,
    throttleKey,
    clock,
  }: Omit<GuardTokenDeps, 'throttles'> & { readonly throttles: Pick<ThrottleStore, 'reserve'> }): ((
    actor: Actor,
  ) => Promise<void>) =>
  async (actor) => {
    const policy = throttlePolicies.refreshNetwork;
    const key = throttleKey(`${policy.kind}:${networkOf(actor.origin.ipAddress)}`);
    const { blockedUntil } = await unitOfWork.hotTransaction((tx) => throttles.reserve(tx, key, policy, clock.now()));
    if (blockedUntil) throw new RateLimitedError(secondsUntil(clock.now(), blockedUntil));
  };
