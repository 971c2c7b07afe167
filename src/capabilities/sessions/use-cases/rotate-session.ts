import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import { hashOpaqueToken, newOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import { sessionRotated } from '../sessions.events.ts';
import type { SessionStore } from '../sessions.ports.ts';
import { sessionTokenPrefix } from './issue-session.ts';

export interface RotateSessionDeps {
  readonly sessions: Pick<SessionStore, 'replaceToken'>;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface RotatedSession {
  readonly token: Secret<string>;
  readonly expiresAt: Date;
}

export type RotateSession = (tx: HotTx, actor: UserActor) => Promise<RotatedSession | null>;

/**
 * Replaces the cookie of the session that the actor acts by, in the transaction of what raised or changed what it may do
 * (ASVS 5.0, 7.2.4): who held a copy of the old one holds nothing. The session itself goes on, with its sockets. Null for a
 * session of tokens, whose chain turns with every refresh.
 */
export const rotateSession =
  ({ sessions, appendEvent, clock }: RotateSessionDeps): RotateSession =>
  async (tx, actor) => {
    const token = newOpaqueToken(sessionTokenPrefix);
    const session = await sessions.replaceToken(tx, actor.sessionId, hashOpaqueToken(token.reveal()), clock.now());
    if (!session) return null;
    await appendEvent(tx, { event: sessionRotated, actor, subjectId: actor.userId });
    return { token, expiresAt: session.expiresAt };
  };
