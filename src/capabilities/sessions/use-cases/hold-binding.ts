import { LRUCache } from 'lru-cache';
import type { DescribeClient } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor, RequestOrigin } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { SessionId } from '#kernel/ids.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { Session } from '../session.ts';
import { type BrokenBinding, brokenBinding } from '../session-binding.ts';
import { sessionBindingViolated } from '../sessions.events.ts';
import type { EndSessions } from './revoke-session.ts';

export interface SessionBindings {
  /** The binding that a request from there breaks; null for none. Nothing is asked of anybody. */
  brokenBy(session: Session, origin: RequestOrigin): BrokenBinding | null;
  /** What follows from a broken binding, in a transaction of its own or the caller's. The request is to be refused. */
  violated(session: Session, origin: RequestOrigin, broken: BrokenBinding, tx?: HotTx): Promise<void>;
}

export interface SessionBindingsDeps {
  readonly unitOfWork: UnitOfWork;
  readonly endSessions: Pick<EndSessions, 'one'>;
  readonly appendEvent: AppendEvent;
  readonly describeClient: DescribeClient;
  readonly clock: Clock;
}

// Each node tells once an hour of a session that is used from outside: whoever has a cookie must not fill the log by it.
const tellEveryMs = 3_600_000;
const mostTold = 10_000;

/**
 * A session that turns up by another browser, or in another network than it is bound to, is in two hands: it ends, which
 * also bounds what is recorded of it. One that is used outside of the organisation's networks is refused there and goes on
 * inside, since that happens to each laptop that leaves the office.
 */
export function sessionBindings(deps: SessionBindingsDeps): SessionBindings {
  const { unitOfWork, endSessions, appendEvent, describeClient, clock } = deps;
  const toldAtMs = new LRUCache<SessionId, number>({ max: mostTold });

  async function tell(tx: HotTx, session: Session, actor: Actor, binding: BrokenBinding): Promise<void> {
    const { userId: subjectId, organisationId, id: sessionId } = session;
    await appendEvent(tx, {
      event: sessionBindingViolated,
      actor,
      subjectId,
      organisationId,
      sessionId,
      data: { binding, ended: binding !== 'allowed_networks' },
    });
  }

  async function end(tx: HotTx, session: Session, actor: Actor, binding: BrokenBinding): Promise<void> {
    const { userId, id: sessionId } = session;
    // Of requests at once one ends it, and that one tells.
    if (await endSessions.one(tx, actor, { userId, sessionId, reason: 'binding_violated' }))
      await tell(tx, session, actor, binding);
  }

  function isToldLately({ id }: Session): boolean {
    const nowMs = clock.now().getTime();
    const beforeMs = toldAtMs.get(id);
    if (beforeMs !== undefined && nowMs - beforeMs < tellEveryMs) return true;
    toldAtMs.set(id, nowMs);
    return false;
  }

  return {
    brokenBy: (session, origin) => brokenBinding(session, origin, describeClient),
    violated: async (session, origin, broken, tx) => {
      // Whoever it is, it is not shown to be the session's person.
      const actor: Actor = { kind: 'anonymous', origin };
      const within = (work: (on: HotTx) => Promise<void>) => (tx ? work(tx) : unitOfWork.hotTransaction(work));
      if (broken !== 'allowed_networks') await within((on) => end(on, session, actor, broken));
      else if (!isToldLately(session)) await within((on) => tell(on, session, actor, broken));
    },
  };
}
