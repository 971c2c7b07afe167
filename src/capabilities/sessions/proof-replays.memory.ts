import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock.ts';
import { OverloadedError } from '#kernel/errors.ts';
import type { ProofReplayGuard } from './sessions.ports.ts';

/** About 20 MB. At 70 seconds a proof it is full when one node takes more than 1,400 new proofs each second. */
const mostRemembered = 100_000;

/**
 * Remembers used proofs in this process. When it is full it refuses new ones with OverloadedError instead of forgetting
 * old ones: a proof that is forgotten is good again.
 */
export function memoryProofReplays(clock: Clock, most = mostRemembered): ProofReplayGuard {
  // All are remembered for about the same time, so the oldest, which a Map gives first, end first.
  const until = new Map<string, number>();

  function forgetEnded(now: number): void {
    for (const [key, end] of until) {
      if (end > now) break;
      until.delete(key);
    }
  }

  return {
    isFirstUse: async (proofId, forMs) => {
      const now = clock.now().getTime();
      forgetEnded(now);
      // Of one length, whatever the client wrote.
      const key = createHash('sha256').update(proofId).digest('base64url');
      if (until.has(key)) return false;
      if (until.size >= most) throw new OverloadedError(1);
      until.set(key, now + forMs);
      return true;
    },
  };
}
