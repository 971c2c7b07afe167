import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Dimension, PolicyName } from '../limit-policy.ts';
import { rateLimitReached } from '../limits.events.ts';
import type { HeldLimits, LimitListener } from '../limits.ports.ts';

export interface ReportLimitDeps {
  readonly held: HeldLimits;
  readonly listener: LimitListener;
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ReachedLimit {
  readonly policy: PolicyName;
  readonly dimension: Dimension;
  /** A keyed hash. */
  readonly subject: string;
  readonly windowSeconds: number;
}

export type ReportLimit = (actor: Actor, reached: ReachedLimit) => Promise<void>;

/**
 * Notes that a limit holds and, when it began just now, appends the event. Never throws: a refusal must not need the
 * database, which is what the limit protects. Nothing changes by it but what it tells, so a lost event loses no state.
 */
export const reportLimit =
  ({ held, listener, unitOfWork, appendEvent, clock, logger }: ReportLimitDeps): ReportLimit =>
  async (actor, { policy, dimension, subject, windowSeconds }) => {
    listener('refused', policy, dimension);
    try {
      // A whole window without a refusal ends it: so a siege is told once, not each time that one attempt fits again.
      const until = addSeconds(clock.now(), windowSeconds);
      if (!(await held.hold({ policy, dimension, subject, until }))) return;
      await unitOfWork.hotTransaction((tx) =>
        appendEvent(tx, {
          event: rateLimitReached,
          actor,
          ...(actor.kind === 'user' ? { subjectId: actor.userId } : {}),
          data: { policy, dimension, subject },
        }),
      );
    } catch (error) {
      logger.warn('a rate limit holds, and could not be told of', { policy, dimension, error });
    }
  };
