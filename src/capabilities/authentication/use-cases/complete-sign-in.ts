import type { AppendEvent } from '#capabilities/events/index.ts';
import type { EndSessions, IssuedSession, IssueSession, RefusedSession, TokenDelivery } from '#capabilities/sessions/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { OrganisationId, UserId } from '#kernel/ids.ts';
import type { HotTx } from '#platform/db/index.ts';
import { loginSucceeded } from '../authentication.events.ts';

export interface CompleteSignInDeps {
  readonly issueSession: IssueSession;
  readonly endSessions: Pick<EndSessions, 'one'>;
  readonly appendEvent: AppendEvent;
}

export interface ProvenSignIn {
  readonly actor: Actor;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  /** How the person proved who they are (RFC 8176). */
  readonly amr: readonly string[];
  readonly delivery: TokenDelivery;
}

/** Its outcome is to be committed also where it is a refusal: that is recorded. */
export type CompleteSignIn = (tx: HotTx, input: ProvenSignIn) => Promise<IssuedSession | RefusedSession>;

/** Where every way of signing in ends: the session and its event, in the transaction that settled the proof. */
export const completeSignIn =
  ({ issueSession, endSessions, appendEvent }: CompleteSignInDeps): CompleteSignIn =>
  async (tx, input) => {
    const { actor, userId, organisationId, amr, delivery } = input;
    // The cookie that is replaced was all that held its session (ASVS 5.0, 7.2.4): that one ends with it.
    const replaced = delivery === 'cookie' && actor.kind === 'user' ? actor : null;
    const issued = await issueSession(tx, { ...input, deviceId: null, replaces: replaced?.sessionId ?? null });
    if ('refused' in issued) return issued;
    if (replaced) await endSessions.one(tx, actor, { ...replaced, reason: 'logout' });
    await appendEvent(tx, {
      event: loginSucceeded,
      actor,
      subjectId: userId,
      organisationId,
      sessionId: issued.session.id,
      data: { amr: [...amr], delivery },
    });
    return issued;
  };
