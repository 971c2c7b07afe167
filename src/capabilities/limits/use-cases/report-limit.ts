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

// Short against every window, so that a siege is still told as one.
const quietMs = 5_000;
const mostRemembered = 10_000;

export type ReportLimit = (actor: Actor, reached: ReachedLimit) => Promise<void>;

/**
 * Notes that a limit holds and, when it began just now, appends the event. Never throws: a refusal must not need the
 * database, which is what the limit protects. Nothing changes by it but what it tells, so a lost event loses no state.
 */
export const reportLimit = ({ held, listener, unitOfWork, appendEvent, clock, logger }: ReportLimitDeps): ReportLimit => {
  const reportedAtMs = new Map<string, number>();

  /** Whether this limit was reported from here a moment ago: a flood of refusals must not become one of reports. */
  function isRepeated(key: string): boolean {
    const nowMs = clock.now().getTime();
    const before = reportedAtMs.get(key);
    if (before !== undefined && Math.abs(nowMs - before) < quietMs) return true;
    if (reportedAtMs.size >= mostRemembered) reportedAtMs.clear();
    reportedAtMs.set(key, nowMs);
    return false;
  }

  return async (actor, { policy, dimension, subject, windowSeconds }) => {
    listener('refused', policy, dimension);
    if (isRepeated(`${policy} ${dimension} ${subject}`)) return;
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
};
