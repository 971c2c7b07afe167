import { describe, expect, it } from 'vitest';
import type { UnitOfWork } from '#platform/db/index.ts';
import { deleteEndedSessions } from './delete-ended-sessions.ts';

const unitOfWork = { hotTransaction: async (work: (tx: unknown) => unknown) => work({}) } as unknown as UnitOfWork;

function cleaner({ batches, tookMs, onBatch = () => {} }: { batches: number; tookMs: number; onBatch?: () => void }) {
  let nowMs = 0;
  let left = batches;
  const rests: number[] = [];
  const clean = deleteEndedSessions({
    unitOfWork,
    ended: {
      deleteBatch: async (_tx, by) => {
        if (by === 'revocation') return { deleted: 0, more: false };
        nowMs += tookMs;
        left -= 1;
        onBatch();
        return { deleted: 10, more: left > 0 };
      },
      deleteIdled: async () => ({ deleted: 0, more: false, last: null }),
    },
    retentionSeconds: 60,
    clock: { now: () => new Date(0) },
    monotonicMs: () => nowMs,
    rest: async (ms) => void rests.push(ms),
  });
  return { clean, rests };
}

describe('the clean-up of sessions', () => {
  it('leaves the database alone for four times as long as each batch took, and for a second at most', async () => {
    const quick = cleaner({ batches: 3, tookMs: 5 });
    expect(await quick.clean()).toBe(30);
    expect(quick.rests).toEqual([20, 20]);
    const slow = cleaner({ batches: 2, tookMs: 3_000 });
    await slow.clean();
    expect(slow.rests).toEqual([1_000]);
  });

  it('ends between two batches when the node stops', async () => {
    const stopping = new AbortController();
    let batches = 0;
    const { clean } = cleaner({ batches: 100, tookMs: 1, onBatch: () => ++batches === 2 && stopping.abort() });
    expect(await clean(stopping.signal)).toBe(20);
  });

  it('is bounded, however much there is to delete', async () => {
    const { clean } = cleaner({ batches: Number.POSITIVE_INFINITY, tookMs: 1 });
    expect(await clean()).toBe(3_000);
  });
});
