import { afterEach, describe, expect, it } from 'vitest';
import { memoryLog } from '#tests/support/memory-log.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { createEventFeed, type EventFeed, type EventFeedDeps } from './event-feed.ts';
import { memoryEventWakeup } from './wakeup.memory.ts';

let feed: EventFeed;
afterEach(() => feed.stop());

async function started(deps: Partial<EventFeedDeps> & Pick<EventFeedDeps, 'store'>): Promise<bigint[]> {
  feed = createEventFeed({ wakeup: memoryEventWakeup(), logger: silent, batch: 2, ...deps });
  await feed.start();
  const told: bigint[] = [];
  feed.listen(({ position }) => told.push(position));
  return told;
}

describe('the event feed', () => {
  it('begins at the end of the log', async () => {
    const { store, add } = memoryLog();
    add();
    await store.sequence(1);
    const told = await started({ store });
    await feed.turn();
    expect(told).toEqual([]);
    expect(feed.position()).toBe(1n);
  });

  it('tells each event once and in order, over several batches and turns at once', async () => {
    const { store, add } = memoryLog();
    const told = await started({ store });
    for (let count = 0; count < 5; count += 1) add();
    await Promise.all([feed.turn(), feed.turn(), feed.turn()]);
    add();
    await feed.turn();
    expect(told).toEqual([1n, 2n, 3n, 4n, 5n, 6n]);
  });

  it('comes to an event that is committed while a turn runs', async () => {
    const { store, add } = memoryLog();
    let during = true;
    const told = await started({
      store: {
        ...store,
        readAfter: async (...args) => {
          const events = await store.readAfter(...args);
          if (during) {
            during = false;
            add();
            feed.wake();
          }
          return events;
        },
      },
    });
    feed.wake();
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([1n]);
  });

  it('loses nothing when the log can not be read for a while', async () => {
    const { store, add } = memoryLog();
    let broken = true;
    const told = await started({
      store: { ...store, readAfter: (...args) => (broken ? Promise.reject(new Error('away')) : store.readAfter(...args)) },
    });
    add();
    await expect(feed.turn()).rejects.toThrow('away');
    broken = false;
    await feed.turn();
    expect(told).toEqual([1n]);
  });

  it('goes on when other nodes can not be told', async () => {
    const { store, add } = memoryLog();
    const wakeup = { ...memoryEventWakeup(), announce: () => Promise.reject(new Error('away')) };
    const told = await started({ store, wakeup });
    add();
    await feed.turn();
    expect(told).toEqual([1n]);
  });

  it('reads the log for a hint of what it has not told yet, and for no other', async () => {
    const { store, add } = memoryLog();
    const wakeup = memoryEventWakeup();
    let reads = 0;
    const readAfter: typeof store.readAfter = (...args) => {
      reads += 1;
      return store.readAfter(...args);
    };
    const told = await started({ store: { ...store, readAfter }, wakeup, pollMs: { healthy: 60_000, deaf: 60_000 } });
    add();
    // Its own announcement comes back to it, before this turn is over.
    await feed.turn();
    expect({ told, reads }).toEqual({ told: [1n], reads: 1 });
    await wakeup.announce(1n);
    add();
    await store.sequence(2);
    await wakeup.announce(2n);
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([1n, 2n]);
    expect(reads).toBe(2);
  });

  it('polls for what no hint told of', async () => {
    const { store, add } = memoryLog();
    const deaf = { announce: async () => {}, listen: async () => async () => {} };
    const told = await started({ store, wakeup: deaf, pollMs: { healthy: 60_000, deaf: 5 } });
    add();
    await expect.poll(() => told, { timeout: 5_000 }).toEqual([1n]);
  });

  it('tells nobody anything once it is stopped', async () => {
    const { store, add } = memoryLog();
    const told = await started({ store, pollMs: { healthy: 5, deaf: 5 } });
    await feed.stop();
    add();
    feed.wake();
    await feed.turn();
    expect(told).toEqual([]);
  });

  it('tells no listener that has left', async () => {
    const { store, add } = memoryLog();
    await started({ store });
    const told: bigint[] = [];
    const leave = feed.listen(({ position }) => told.push(position));
    add();
    await feed.turn();
    leave();
    add();
    await feed.turn();
    expect(told).toEqual([1n]);
  });
});
