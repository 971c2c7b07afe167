import type { AppendEvent } from '#capabilities/events/index.ts';
import type { IssuedSession, IssueSession } from '#capabilities/sessions/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import { loginSucceeded } from '../authentication.events.ts';

export interface CompleteSignInDeps {
  readonly issueSession: IssueSession;
  readonly appendEvent: AppendEvent;
}

export type CompleteSignIn = (tx: HotTx, input: Parameters<IssueSession>[1]) => Promise<IssuedSession>;

/** Where every way of signing in ends: the session and its event, in the transaction that settled the proof. */
export const completeSignIn =
  ({ issueSession, appendEvent }: CompleteSignInDeps): CompleteSignIn =>
  async (tx, input) => {
    const issued = await issueSession(tx, input);
    await appendEvent(tx, {
      event: loginSucceeded,
      actor: input.actor,
      subjectId: input.userId,
      organisationId: input.organisationId,
      sessionId: issued.session.id,
      data: {
        amr: [...input.amr],
        delivery: input.delivery,
        ...(issued.session.dpopJkt === null ? {} : { senderConstrained: 'dpop' }),
      },
    });
    return issued;
  };
