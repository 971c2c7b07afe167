import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OverloadedError } from '#kernel/errors.ts';
import { createBoundedQueue } from './bounded-queue.ts';

/** A job that ends when the test says so. */
function heldJob() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let started = false;
  return {
    job: () => {
      started = true;
      return promise;
    },
    started: () => started,
    end: resolve,
    fail: reject,
  };
}

describe('createBoundedQueue', () => {
  it('runs so many at once and lets the rest wait', async () => {
    const queue = createBoundedQueue({ concurrency: 2, maxWaiting: 5 });
    const held = [heldJob(), heldJob(), heldJob()] as const;
    const results = held.map((each) => queue.run(each.job));
    expect(held.map((each) => each.started())).toEqual([true, true, false]);
    expect(queue.stats()).toMatchObject({ running: 2, waiting: 1 });
    held[0].end('first');
    await results[0];
    expect(held[2].started()).toBe(true);
    held[1].end('second');
    held[2].end('third');
    expect(await Promise.all(results)).toEqual(['first', 'second', 'third']);
    expect(queue.stats()).toMatchObject({ running: 0, waiting: 0, completed: 3, rejected: 0 });
  });

  it('starts waiting jobs in the order they came', async () => {
    const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 10 });
    const order: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map((index) => queue.run(async () => void order.push(index))));
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('refuses at once, without running the job, when as many wait as may', async () => {
    const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 1 });
    const [runs, waits, refused] = [heldJob(), heldJob(), heldJob()];
    const accepted = [queue.run(runs.job), queue.run(waits.job)];
    await expect(queue.run(refused.job)).rejects.toBeInstanceOf(OverloadedError);
    expect(refused.started()).toBe(false);
    expect(queue.stats().rejected).toBe(1);
    runs.end('');
    waits.end('');
    await Promise.all(accepted);
    await expect(queue.run(() => 'room again')).resolves.toBe('room again');
  });

  it('refuses everything beyond the running ones when nothing may wait', async () => {
    const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 0 });
    const held = heldJob();
    const accepted = queue.run(held.job);
    await expect(queue.run(() => 'late')).rejects.toBeInstanceOf(OverloadedError);
    held.end('done');
    expect(await accepted).toBe('done');
  });

  it('frees the place of a job that fails, whether it rejects or throws', async () => {
    const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 3 });
    const rejects = queue.run(() => Promise.reject(new Error('rejected')));
    const throws = queue.run(() => {
      throw new Error('thrown');
    });
    const works = queue.run(() => 'fine');
    await expect(rejects).rejects.toThrow('rejected');
    await expect(throws).rejects.toThrow('thrown');
    expect(await works).toBe('fine');
    expect(queue.stats()).toMatchObject({ running: 0, waiting: 0, completed: 3 });
  });

  it('estimates Retry-After from the queue length, the lanes and the time that jobs took', async () => {
    let now = 0;
    const queue = createBoundedQueue({ concurrency: 2, maxWaiting: 3, monotonicNow: () => now });
    await queue.run(() => {
      now += 4_000;
    });
    expect(queue.stats().averageMs).toBe(4_000);
    const held = Array.from({ length: 5 }, heldJob);
    const accepted = held.map((each) => queue.run(each.job));
    // Three wait and the refused one would be the fourth: 4 jobs of 4 s on 2 lanes.
    await expect(queue.run(() => 'refused')).rejects.toMatchObject({ retryAfterSeconds: 8, code: 'OVERLOADED' });
    for (const each of held) each.end('');
    await Promise.all(accepted);
  });

  it('moves the average by an eighth of the difference', async () => {
    let now = 0;
    const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 0, monotonicNow: () => now });
    for (const takes of [80, 160]) {
      await queue.run(() => {
        now += takes;
      });
    }
    expect(queue.stats().averageMs).toBe(90);
  });

  it('says at least one second before any job ended, and the fixed time when one is set', async () => {
    for (const [retryAfterSeconds, expected] of [
      [undefined, 1],
      [7, 7],
    ] as const) {
      const queue = createBoundedQueue({ concurrency: 1, maxWaiting: 0, retryAfterSeconds });
      const held = heldJob();
      const accepted = queue.run(held.job);
      await expect(queue.run(() => '')).rejects.toMatchObject({ retryAfterSeconds: expected });
      held.end('');
      await accepted;
    }
  });

  it('refuses bounds that make no sense', () => {
    for (const concurrency of [0, -1, 1.5, Number.NaN]) {
      expect(() => createBoundedQueue({ concurrency, maxWaiting: 1 })).toThrow(RangeError);
    }
    for (const maxWaiting of [-1, 0.5, Number.POSITIVE_INFINITY]) {
      expect(() => createBoundedQueue({ concurrency: 1, maxWaiting })).toThrow(RangeError);
    }
  });

  it('never runs more than its lanes, loses no job and keeps its order, whatever the jobs do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ turns: fc.integer({ min: 0, max: 5 }), fails: fc.boolean() }), { maxLength: 40 }),
        async (concurrency, jobs) => {
          const queue = createBoundedQueue({ concurrency, maxWaiting: jobs.length });
          const startOrder: number[] = [];
          let active = 0;
          let most = 0;
          const outcomes = await Promise.allSettled(
            jobs.map(({ turns, fails }, index) =>
              queue.run(async () => {
                startOrder.push(index);
                active += 1;
                most = Math.max(most, active);
                for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
                active -= 1;
                if (fails) throw new Error('planned');
                return index;
              }),
            ),
          );
          expect(most).toBeLessThanOrEqual(concurrency);
          expect(startOrder).toEqual(jobs.map((_, index) => index));
          expect(outcomes.map((outcome) => outcome.status)).toEqual(jobs.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
          expect(queue.stats()).toMatchObject({ running: 0, waiting: 0, completed: jobs.length, rejected: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });
});
