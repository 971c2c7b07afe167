import { addSeconds, type Clock } from '#kernel/clock.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { CleanedBatch, EndedSessionStore } from '../sessions.ports.ts';

export interface DeleteEndedSessionsDeps {
  readonly unitOfWork: UnitOfWork;
  readonly ended: EndedSessionStore;
  /** For how long a session stays after its end. */
  readonly retentionSeconds: number;
  readonly clock: Clock;
  /** A clock that is never set back, in milliseconds. */
  readonly monotonicMs: () => number;
  /** Resolves after so many milliseconds. */
  readonly rest: (ms: number) => Promise<void>;
}

/** Returns how many rows were deleted. Ends early, between two transactions, when the signal says so. */
export type DeleteEndedSessions = (signal?: AbortSignal) => Promise<number>;

/** Short transactions of few rows each: nobody waits long for what one of them holds, and no lock covers the table. */
const batchSize = 200;
const walkedAtOnce = 1_000;
/** Bounds one turn, so that a node that was away for long catches up over several instead of keeping the disk busy. */
const batchesPerTurn = 300;
/** After each batch the database is left alone for so many times as long as it took: who works beside it hardly notices. */
const restShare = 4;
const longestRestMs = 1_000;

/**
 * Deletes sessions that ended longer ago than the retention, with their refresh tokens. Tokens of a session that lives all
 * stay: by those that were used a stolen copy is told (RFC 9700, 4.14.2). Safe on several nodes at once.
 */
export const deleteEndedSessions = (deps: DeleteEndedSessionsDeps): DeleteEndedSessions => {
  const { unitOfWork, ended, retentionSeconds, clock, monotonicMs, rest } = deps;
  // No index leads to what idled out, since it would have to be written with every use. So each turn walks on from here.
  let walkedTo = '';

  return async (signal) => {
    const before = addSeconds(clock.now(), -retentionSeconds);
    const walk = async (): Promise<CleanedBatch> => {
      const batch = await unitOfWork.hotTransaction((tx) => ended.deleteIdled(tx, walkedTo, before, walkedAtOnce));
      walkedTo = batch.last ?? '';
      return batch;
    };
    const kinds = [
      () => unitOfWork.hotTransaction((tx) => ended.deleteBatch(tx, 'timeout', before, batchSize)),
      () => unitOfWork.hotTransaction((tx) => ended.deleteBatch(tx, 'revocation', before, batchSize)),
      walk,
    ];
    let deleted = 0;
    for (const next of kinds) {
      for (let batch = 1; batch <= batchesPerTurn; batch += 1) {
        if (signal?.aborted) return deleted;
        const beganAt = monotonicMs();
        const cleaned = await next();
        deleted += cleaned.deleted;
        if (!cleaned.more) break;
        await rest(Math.min(longestRestMs, restShare * (monotonicMs() - beganAt)));
      }
    }
    return deleted;
  };
};
