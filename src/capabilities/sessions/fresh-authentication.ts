import type { Actor, UserActor } from '#kernel/actor.ts';
import { addSeconds, type Clock, clockToleranceSeconds } from '#kernel/clock.ts';
import { UnauthenticatedError } from '#kernel/errors.ts';
import { acrOf, acrValuesFrom } from './authentication-context.ts';
import { type DangerousOperation, dangerousOperations, type FreshnessPolicy } from './dangerous-operations.ts';
import { StepUpRequiredError } from './sessions.errors.ts';

/**
 * Throws StepUpRequiredError unless the person proved who they are recently and strongly enough at `now` (RFC 9470), and
 * UnauthenticatedError for an actor who is no person. A proof from the future is none: then a clock was moved back.
 */
export function assertFreshAuthentication(
  actor: Actor,
  { maxAgeSeconds, acr }: Required<FreshnessPolicy>,
  now: Date,
): asserts actor is UserActor {
  if (actor.kind !== 'user') throw new UnauthenticatedError();
  const strongEnough = acrValuesFrom(acr).includes(acrOf(actor.amr));
  const fresh = now < addSeconds(actor.authTime, maxAgeSeconds) && actor.authTime <= addSeconds(now, clockToleranceSeconds);
  if (!strongEnough || !fresh) throw new StepUpRequiredError({ maxAgeSeconds, acrValues: acrValuesFrom(acr) });
}

export interface RequireFreshAuthenticationDeps {
  /** For operations without an age of their own. */
  readonly maxAgeSeconds: number;
  readonly clock: Clock;
}

export type RequireFreshAuthentication = (actor: Actor, operation: DangerousOperation) => void;

/** `assertFreshAuthentication` by the policy of a listed operation. */
export const requireFreshAuthentication =
  ({ maxAgeSeconds, clock }: RequireFreshAuthenticationDeps): RequireFreshAuthentication =>
  (actor, operation) =>
    assertFreshAuthentication(actor, { maxAgeSeconds, ...dangerousOperations[operation] }, clock.now());
