import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor, UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { NotFoundError } from '#kernel/errors.ts';
import type { DeviceId, SessionId, UserId } from '#kernel/ids.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { RevocationReason, Session } from '../session.ts';
import { sessionRevoked } from '../sessions.events.ts';
import type { SessionStore } from '../sessions.ports.ts';

/** Ends sessions inside a transaction of the caller's, with one event for each. */
export interface EndSessions {
  /** Null when that person has no such live session. */
  one(
    tx: HotTx,
    actor: Actor,
    input: { readonly userId: UserId; readonly sessionId: SessionId; readonly reason: RevocationReason },
  ): Promise<Session | null>;
  /** Returns how many were ended. */
  all(
    tx: HotTx,
    actor: Actor,
    input: { readonly userId: UserId; readonly reason: RevocationReason; readonly except?: SessionId },
  ): Promise<number>;
  /** Ends all sessions of one device of theirs. Returns how many. */
  ofDevice(
    tx: HotTx,
    actor: Actor,
    input: { readonly userId: UserId; readonly deviceId: DeviceId; readonly reason: RevocationReason },
  ): Promise<number>;
  /** Ends the oldest sessions of that person in that organisation besides `session` and the one it replaces, until `keep` are left. */
  oldest(
    tx: HotTx,
    actor: Actor,
    input: { readonly session: Session; readonly replaces: SessionId | null; readonly keep: number },
  ): Promise<number>;
}

export interface EndSessionsDeps {
  readonly sessions: Pick<SessionStore, 'revoke' | 'revokeAll' | 'revokeOfDevice' | 'evictOldest'>;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export function endSessions({ sessions, appendEvent, clock }: EndSessionsDeps): EndSessions {
  async function tell(tx: HotTx, actor: Actor, session: Session, reason: RevocationReason): Promise<void> {
    const { userId: subjectId, organisationId, id: sessionId } = session;
    await appendEvent(tx, { event: sessionRevoked, actor, subjectId, organisationId, sessionId, data: { reason } });
  }
  return {
    one: async (tx, actor, { userId, sessionId, reason }) => {
      const session = await sessions.revoke(tx, userId, sessionId, clock.now(), reason);
      if (session) await tell(tx, actor, session, reason);
      return session;
    },
    all: async (tx, actor, { userId, reason, except }) => {
      const ended = await sessions.revokeAll(tx, userId, clock.now(), reason, except);
      for (const session of ended) await tell(tx, actor, session, reason);
      return ended.length;
    },
    ofDevice: async (tx, actor, { userId, deviceId, reason }) => {
      const ended = await sessions.revokeOfDevice(tx, userId, deviceId, clock.now(), reason);
      for (const session of ended) await tell(tx, actor, session, reason);
      return ended.length;
    },
    oldest: async (tx, actor, { session, replaces, keep }) => {
      const ended = await sessions.evictOldest(tx, session, replaces, keep, clock.now());
      for (const one of ended) await tell(tx, actor, one, 'evicted');
      return ended.length;
    },
  };
}

export interface RevokeSessionDeps {
  readonly unitOfWork: UnitOfWork;
  readonly endSessions: EndSessions;
}

export type RevokeSession = (actor: UserActor, input: { readonly sessionId: SessionId }) => Promise<Session>;

/** Ends one of the actor's own sessions. Throws NotFoundError for any other id, whether or not it exists. */
export const revokeSession =
  ({ unitOfWork, endSessions }: RevokeSessionDeps): RevokeSession =>
  async (actor, { sessionId }) => {
    const session = await unitOfWork.hotTransaction((tx) =>
      endSessions.one(tx, actor, { userId: actor.userId, sessionId, reason: 'revoked' }),
    );
    if (!session) throw new NotFoundError();
    return session;
  };

export type RevokeOtherSessions = (actor: UserActor) => Promise<number>;

/** Ends all of the actor's sessions but the one they act by. Returns how many. */
export const revokeOtherSessions =
  ({ unitOfWork, endSessions }: RevokeSessionDeps): RevokeOtherSessions =>
  (actor) =>
    unitOfWork.hotTransaction((tx) =>
      endSessions.all(tx, actor, { userId: actor.userId, reason: 'revoked', except: actor.sessionId }),
    );

export type Logout = (actor: UserActor) => Promise<SessionId>;

/** Ends the session that the actor acts by. Signing out twice at once is no error. */
export const logout =
  ({ unitOfWork, endSessions }: RevokeSessionDeps): Logout =>
  async (actor) => {
    await unitOfWork.hotTransaction((tx) =>
      endSessions.one(tx, actor, { userId: actor.userId, sessionId: actor.sessionId, reason: 'logout' }),
    );
    return actor.sessionId;
  };
