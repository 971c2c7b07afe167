import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { UnauthenticatedError } from '#kernel/errors.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { Session } from '../session.ts';
import { sessionReauthenticated } from '../sessions.events.ts';
import type { SessionStore } from '../sessions.ports.ts';

export interface RenewAuthenticationDeps {
  readonly sessions: Pick<SessionStore, 'renewAuthentication'>;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export type RenewAuthentication = (tx: HotTx, actor: UserActor, amr: readonly string[]) => Promise<Session>;

/**
 * Notes, in the transaction that settled the proof, that the person of the session proved anew who they are. Nothing else
 * about the session changes: neither its tokens nor when it ends. Throws UnauthenticatedError when it has ended meanwhile.
 */
export const renewAuthentication =
  ({ sessions, appendEvent, clock }: RenewAuthenticationDeps): RenewAuthentication =>
  async (tx, actor, amr) => {
    const { userId, sessionId } = actor;
    // What the session began with was proved longer ago than the new `auth_time` says, so it is not kept beside it.
    const session = await sessions.renewAuthentication(tx, { userId, sessionId, amr, at: clock.now() });
    if (!session) throw new UnauthenticatedError();
    const { organisationId } = session;
    await appendEvent(tx, {
      event: sessionReauthenticated,
      actor,
      subjectId: userId,
      organisationId,
      sessionId,
      data: { amr: [...amr] },
    });
    return session;
  };
