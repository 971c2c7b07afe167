import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import type { OrganisationId } from '#kernel/ids.ts';
import type { HotTx, UnitOfWork } from '#platform/db/index.ts';
import type { JobHandler, JobQueue } from '#platform/jobs/index.ts';
import { sessionPolicyApplied } from '../sessions.events.ts';
import type { LiveSessionStore } from '../sessions.ports.ts';

export const applySessionPolicyTask = 'session-policy.apply';

/** Few enough rows that nobody waits long for one of them, many enough that the largest organisation is through in minutes. */
const batchSize = 2_000;
/** Bounds one run of the job, well within its deadline; the next goes on where it stopped. */
const batchesPerRun = 50;
/** A sign-in that had read the policy from before is over soon, and by the last of these in any case. */
const lateComersSeconds = [2, 15, 120] as const;
const lockedAgainSeconds = lateComersSeconds[0];

export interface ApplySessionPolicyDeps {
  readonly unitOfWork: UnitOfWork;
  readonly live: LiveSessionStore;
  readonly jobs: JobQueue;
  readonly appendEvent: AppendEvent;
  readonly actor: () => Actor;
  readonly clock: Clock;
}

/**
 * Makes the live sessions of an organisation obey its policy as it is by now: their times are cut and never lengthened. In
 * short transactions of its own, each with the event by which all nodes forget what they keep of these sessions. It may run
 * any number of times, also beside itself.
 */
export const applySessionPolicy =
  ({ unitOfWork, live, jobs, appendEvent, actor, clock }: ApplySessionPolicyDeps): JobHandler =>
  async (payload) => {
    const organisationId = payload['organisationId'] as OrganisationId;
    let after = String(payload['after'] ?? '');
    let locked = Number(payload['locked'] ?? 0);

    const next = (tx: HotTx) => live.tightenBatch(tx, { organisationId, after, size: batchSize, now: clock.now() });
    for (let count = 1; count <= batchesPerRun; count += 1) {
      const batch = await unitOfWork.hotTransaction(async (tx) => {
        const tightened = await next(tx);
        const { changed: sessions, bound } = tightened;
        if (sessions > 0)
          await appendEvent(tx, { event: sessionPolicyApplied, actor: actor(), organisationId, data: { sessions, bound } });
        return tightened;
      });
      locked += batch.locked;
      if (batch.last === null) {
        if (locked > 0) await unitOfWork.hotTransaction((tx) => enqueueAgain(tx, jobs, organisationId, lockedAgainSeconds));
        return;
      }
      after = batch.last;
    }
    await unitOfWork.hotTransaction((tx) => jobs.enqueue(tx, applySessionPolicyTask, { organisationId, after, locked }));
  };

/** In the transaction that changes the policy. Runs at once, and again for sessions that were beginning at that moment. */
export async function enqueueSessionPolicy(tx: HotTx, jobs: JobQueue, organisationId: OrganisationId): Promise<void> {
  await jobs.enqueue(tx, applySessionPolicyTask, { organisationId });
  for (const seconds of lateComersSeconds) await enqueueAgain(tx, jobs, organisationId, seconds);
}

/** Of runs that wait equally long one is enough. */
async function enqueueAgain(tx: HotTx, jobs: JobQueue, organisationId: OrganisationId, delaySeconds: number): Promise<void> {
  const key = `${applySessionPolicyTask}:${organisationId}:${delaySeconds}`;
  await jobs.enqueue(tx, applySessionPolicyTask, { organisationId }, { key, delaySeconds });
}
