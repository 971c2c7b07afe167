import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryLog } from '#tests/support/memory-log.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { createEventFeed, type EventFeed } from '../event-feed.ts';
import type { SecurityEvent } from '../security-event.ts';
import { memoryEventWakeup } from '../wakeup.memory.ts';
import { watchEvents } from './watch-events.ts';

let log: ReturnType<typeof memoryLog>;
let feed: EventFeed;
let listeners: number;
beforeEach(async () => {
  log = memoryLog();
  const inner = createEventFeed({ store: log.store, wakeup: memoryEventWakeup(), logger: silent });
  listeners = 0;
  feed = {
    ...inner,
    listen: (listener) => {
      listeners += 1;
      const leave = inner.listen(listener);
      let left = false;
      return () => {
        if (!left) listeners -= 1;
        left = true;
        leave();
      };
    },
  };
  await feed.start();
});
afterEach(() => feed.stop());

async function happen(count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) log.add();
  await feed.turn();
}

async function take(events: AsyncIterator<SecurityEvent>, count: number): Promise<bigint[]> {
  const positions: bigint[] = [];
  while (positions.length < count) positions.push((await events.next()).value.position);
  return positions;
}

describe('watching events', () => {
  it('begins now without a cursor', async () => {
    await happen(3);
    const events = watchEvents({ feed, store: log.store })({});
    await happen(2);
    expect(await take(events, 2)).toEqual([4n, 5n]);
    await events.return?.();
  });

  it('replays in batches and goes on live, without a gap or a duplicate, though events come during the replay', async () => {
    await happen(5);
    let reads = 0;
    const store = {
      readAfter: async (...args: Parameters<typeof log.store.readAfter>) => {
        reads += 1;
        if (reads <= 3) await happen(2);
        return log.store.readAfter(...args);
      },
    };
    const events = watchEvents({ feed, store, replayBatch: 2 })({}, 0n);
    expect(await take(events, 11)).toEqual(Array.from({ length: 11 }, (_, index) => BigInt(index + 1)));
    await happen(1);
    expect(await take(events, 1)).toEqual([12n]);
    await events.return?.();
  });

  it('tells a reader who falls too far behind to resume, after all that was kept for it, and lets go of it', async () => {
    const events = watchEvents({ feed, store: log.store, bufferedEvents: 3 })({});
    await happen(10);
    expect(await take(events, 3)).toEqual([1n, 2n, 3n]);
    await expect(events.next()).rejects.toMatchObject({ code: 'SUBSCRIPTION_TOO_SLOW' });
    expect(listeners).toBe(0);
    // With the last cursor nothing is lost.
    const resumed = watchEvents({ feed, store: log.store })({}, 3n);
    expect(await take(resumed, 7)).toEqual([4n, 5n, 6n, 7n, 8n, 9n, 10n]);
    await resumed.return?.();
  });

  it('counts only what passes the filter', async () => {
    const events = watchEvents({ feed, store: log.store, bufferedEvents: 1 })({ subjectId: 'usr_grace' });
    await happen(50);
    log.add('usr_grace');
    await feed.turn();
    expect(await take(events, 1)).toEqual([51n]);
    await events.return?.();
  });

  it('ends at once when the reader leaves while it waits', async () => {
    const events = watchEvents({ feed, store: log.store })({});
    const waiting = events.next();
    await events.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(listeners).toBe(0);
  });

  it('keeps nothing of a reader who leaves before the first event or in the middle of the replay', async () => {
    await happen(3);
    await watchEvents({ feed, store: log.store })({}, 0n).return?.();
    const events = watchEvents({ feed, store: log.store, replayBatch: 1 })({}, 0n);
    await events.next();
    await events.return?.();
    expect(listeners).toBe(0);
  });

  it('keeps nothing of a reader whose replay fails', async () => {
    await happen(1);
    const events = watchEvents({ feed, store: { readAfter: () => Promise.reject(new Error('away')) } })({}, 0n);
    await expect(events.next()).rejects.toThrow('away');
    expect(listeners).toBe(0);
  });
});
