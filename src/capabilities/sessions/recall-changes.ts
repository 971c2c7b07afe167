import type { EventFeed, EventStore } from '#capabilities/events/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { SessionCache } from './session-cache.ts';

export interface RecallChangesDeps {
  readonly cache: Pick<SessionCache, 'changed' | 'knowsSince'>;
  readonly feed: Pick<EventFeed, 'followedFrom'>;
  readonly store: Pick<EventStore, 'readAfter'>;
  readonly logger: Logger;
}

// More than happens within the life of a copy on a busy deployment, and read within a second.
const mostEvents = 10_000n;
const batch = 1_000;

/**
 * Tells the cache of the changes from just before this node began to follow the log, so that it can use what the other
 * nodes lend from the first request on. To be called after the feed has started. Without it the node asks the database.
 */
export async function recallChanges({ cache, feed, store, logger }: RecallChangesDeps): Promise<void> {
  const until = feed.followedFrom();
  if (until === undefined) return;
  const from = until > mostEvents ? until - mostEvents : 0n;
  try {
    for (let position = from; position < until; ) {
      const events = await store.readAfter(position, {}, batch);
      for (const event of events) cache.changed(event);
      const last = events.at(-1);
      if (!last) throw new Error('the log ends before the position that it was followed from');
      position = last.position;
    }
    cache.knowsSince(from);
  } catch (error) {
    logger.warn('the latest changes could not be read; copies of sessions from before the start are not used', { error });
  }
}
