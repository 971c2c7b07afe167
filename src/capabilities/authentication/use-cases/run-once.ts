import { randomBytes } from 'node:crypto';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import type { KeyedHash } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { IdempotencyStore } from '../authentication.ports.ts';
import { IdempotencyKeyInUseError, IdempotencyKeyReusedError } from '../idempotency.errors.ts';
import { type IdempotentRequest, lockSeconds, rememberedSeconds } from '../idempotency.ts';
import { networkOf } from '../throttle.ts';

export interface RunOnceDeps {
  readonly keys: Pick<IdempotencyStore, 'claim' | 'complete' | 'release'>;
  readonly keyedHash: KeyedHash;
  readonly clock: Clock;
}

export interface OnceOnly<T> {
  readonly operation: string;
  /** Undefined where the client sent no key: then the work is simply done. */
  readonly request: IdempotentRequest | undefined;
  /**
   * What makes two requests the same. Without passwords: a fast hash of one beside its slow one would give it away to
   * whoever has both the database and the master key. The first password stands.
   */
  readonly payload: readonly string[];
  /** What a repetition is answered. It follows from the request, so that nothing of an answer is stored. */
  readonly replay: T;
}

/** Writes down, in the transaction of what was asked, that it was done. */
export type Settle = (tx: HotTx) => Promise<void>;

export type RunOnce = <T>(actor: Actor, call: OnceOnly<T>, work: (settle: Settle) => Promise<T>) => Promise<T>;

/**
 * Does what a client asks for once, however often it asks by the same key within a day, because an answer got lost, say.
 * `work` must call `settle` in the transaction that does it: then either both are there or neither. What fails may be sent
 * again. Throws IdempotencyKeyReusedError, and IdempotencyKeyInUseError while the first request is under way.
 */
export const runOnce =
  ({ keys, keyedHash, clock }: RunOnceDeps): RunOnce =>
  async (actor, { operation, request, payload, replay }, work) => {
    if (!request) return work(async () => {});
    const who = actor.kind === 'user' ? `user:${actor.userId}` : `network:${networkOf(actor.origin.ipAddress)}`;
    const now = clock.now();
    const claim = {
      id: keyedHash(JSON.stringify(['key', who, operation, request.field, request.key])),
      fingerprint: keyedHash(JSON.stringify(['payload', operation, ...payload])),
      run: randomBytes(16),
      lockedUntil: addSeconds(now, lockSeconds),
      expiresAt: addSeconds(now, rememberedSeconds),
    };
    const state = await keys.claim(claim, now);
    if (state === 'completed') return replay;
    if (state === 'other payload') throw new IdempotencyKeyReusedError();
    if (state === 'running') throw new IdempotencyKeyInUseError();
    try {
      return await work(async (tx) => {
        // Somebody took over, since this took so long: what they do is what counts.
        if (!(await keys.complete(tx, claim, clock.now()))) throw new IdempotencyKeyInUseError();
      });
    } catch (error) {
      await keys.release(claim).catch(() => undefined);
      throw error;
    }
  };
