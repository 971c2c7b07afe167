import type { EventFeed } from '../event-feed.ts';
import { type EventFilter, matchesFilter } from '../event-filter.ts';
import { SubscriptionTooSlowError } from '../events.errors.ts';
import type { EventStore } from '../events.ports.ts';
import type { SecurityEvent } from '../security-event.ts';

export interface WatchEventsDeps {
  readonly feed: EventFeed;
  readonly store: Pick<EventStore, 'readAfter'>;
  readonly replayBatch?: number;
  /** How many live events may wait for a reader before it is told to resume later. */
  readonly bufferedEvents?: number;
}

export type WatchEvents = (filter: EventFilter, after?: bigint) => AsyncIterableIterator<SecurityEvent>;

/**
 * The events after `after` that the filter lets pass, then each new one as it happens: no gap, no duplicate, in order.
 * Without `after` it begins now. Ends only when the reader stops. Throws SubscriptionTooSlowError when the reader falls
 * too far behind.
 */
export const watchEvents =
  ({ feed, store, replayBatch = 200, bufferedEvents = 1_000 }: WatchEventsDeps): WatchEvents =>
  (filter, after) => {
    const live = bufferLive(feed, filter, bufferedEvents);

    async function* events(): AsyncGenerator<SecurityEvent, void, undefined> {
      try {
        let last = after ?? live.from;
        for (let more = last < live.from; more && !live.stopped(); ) {
          const batch = await store.readAfter(last, filter, replayBatch);
          for (const event of batch) {
            last = event.position;
            yield event;
          }
          more = batch.length === replayBatch && last < live.from;
        }
        for (let event = await live.next(); event; event = await live.next()) {
          if (event.position > last) yield event;
        }
      } finally {
        live.stop();
      }
    }

    const inner = events();
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () => inner.next(),
      // A generator that waits for its next event would hear of `return` only after that event: stopping wakes it first.
      return: () => {
        live.stop();
        return inner.return();
      },
      throw: (error) => {
        live.stop();
        return inner.throw(error);
      },
    };
  };

/** Collects what happens from now on, before the replay begins to read, so that nothing falls between the two. */
function bufferLive(feed: EventFeed, filter: EventFilter, limit: number) {
  const waiting: SecurityEvent[] = [];
  let overflowed = false;
  let stopped = false;
  let notify = () => {};

  const from = feed.position();
  const unlisten = feed.listen((event) => {
    if (!matchesFilter(filter, event)) return;
    if (waiting.length >= limit) overflowed = true;
    else waiting.push(event);
    notify();
  });

  return {
    from,
    stopped: () => stopped,
    stop: () => {
      stopped = true;
      unlisten();
      notify();
    },
    /** The next event, waited for; undefined once stopped. */
    next: async (): Promise<SecurityEvent | undefined> => {
      for (;;) {
        if (stopped) return undefined;
        const event = waiting.shift();
        if (event) return event;
        if (overflowed) throw new SubscriptionTooSlowError();
        await new Promise<void>((resolve) => {
          notify = resolve;
        });
      }
    },
  };
}
