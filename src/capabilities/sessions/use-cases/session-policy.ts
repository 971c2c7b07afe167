import type { Authorize } from '#capabilities/access/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { InvalidInputError } from '#kernel/errors.ts';
import type { OrganisationId } from '#kernel/ids.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { JobQueue } from '#platform/jobs/index.ts';
import {
  bindingProblems,
  canonicalRanges,
  defaultSessionPolicy,
  type EffectiveSessionPolicy,
  effectivePolicy,
  type SessionPolicy,
  type SessionPolicyBounds,
  sessionPolicyProblems,
} from '../session-policy.ts';
import { sessionPolicyUpdated } from '../sessions.events.ts';
import type { SessionPolicyStore } from '../sessions.ports.ts';
import { enqueueSessionPolicy } from './apply-session-policy.ts';

export interface SessionPolicyDeps {
  readonly policies: SessionPolicyStore;
  readonly bounds: SessionPolicyBounds;
}

export type GetSessionPolicy = (organisationId: OrganisationId) => Promise<EffectiveSessionPolicy>;

/** What holds for the sessions that begin in an organisation from now on. */
export const getSessionPolicy =
  ({ policies, bounds }: SessionPolicyDeps): GetSessionPolicy =>
  async (organisationId) =>
    effectivePolicy((await policies.find(organisationId)) ?? defaultSessionPolicy, bounds);

export interface UpdateSessionPolicyDeps extends SessionPolicyDeps {
  readonly unitOfWork: UnitOfWork;
  readonly authorize: Authorize;
  readonly appendEvent: AppendEvent;
  readonly jobs: JobQueue;
  readonly clock: Clock;
}

export type UpdateSessionPolicy = (actor: UserActor, policy: SessionPolicy) => Promise<EffectiveSessionPolicy>;

/**
 * Replaces the policy of the actor's organisation: it holds for sessions that begin after it, and a job cuts those that live.
 * Throws ForbiddenError, and
 * InvalidInputError for what would be laxer than the deployment allows, or bind sessions to where the actor is not.
 */
export const updateSessionPolicy =
  ({ unitOfWork, policies, bounds, authorize, appendEvent, jobs, clock }: UpdateSessionPolicyDeps): UpdateSessionPolicy =>
  async (actor, wanted) => {
    await authorize(actor, 'session-policy:update');
    const policy = { ...wanted, allowedNetworks: canonicalRanges(wanted.allowedNetworks) };
    const problems = [...sessionPolicyProblems(policy, bounds), ...bindingProblems(policy, actor.origin)];
    if (problems.length > 0) throw new InvalidInputError(problems);
    const { organisationId } = actor;
    const before = (await policies.find(organisationId)) ?? defaultSessionPolicy;
    await unitOfWork.transaction(async (tx) => {
      await policies.save(tx, organisationId, policy, clock.now());
      await appendEvent(tx, {
        event: sessionPolicyUpdated,
        actor,
        organisationId,
        data: { before: toldOf(before), after: toldOf(policy) },
      });
      await enqueueSessionPolicy(tx, jobs, organisationId);
    });
    return effectivePolicy(policy, bounds);
  };

const toldOf = (policy: SessionPolicy) => ({ ...policy, allowedNetworks: [...policy.allowedNetworks] });
