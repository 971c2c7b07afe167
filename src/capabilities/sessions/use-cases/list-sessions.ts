import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { SessionId } from '#kernel/ids.ts';
import { isLive, type Session } from '../session.ts';
import type { SessionPage, SessionStore } from '../sessions.ports.ts';

export interface ListSessionsDeps {
  readonly sessions: Pick<SessionStore, 'listLive' | 'findById'>;
  readonly clock: Clock;
}

export type ListSessions = (actor: UserActor, page: SessionPage) => Promise<Session[]>;

/** The actor's own live sessions. */
export const listSessions =
  ({ sessions, clock }: ListSessionsDeps): ListSessions =>
  (actor, page) =>
    sessions.listLive(actor.userId, clock.now(), page);

export type FindSession = (actor: UserActor, id: SessionId) => Promise<Session | null>;

/** One of the actor's own live sessions; null for any other id, whether or not it exists. */
export const findSession =
  ({ sessions, clock }: ListSessionsDeps): FindSession =>
  async (actor, id) => {
    const session = (await sessions.findById(id))?.session;
    return session && session.userId === actor.userId && isLive(session, clock.now()) ? session : null;
  };
