import type { EventFeed, EventStore } from '#capabilities/events/index.ts';
import {
  createSessionCache,
  recallChanges,
  redisSharedSessions,
  type SessionCache,
  type SessionStore,
} from '#capabilities/sessions/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { createSealedEntries } from '#platform/crypto/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';

export interface SessionCacheParts {
  readonly config: Pick<Config, 'sessions'>;
  readonly masterKey: Secret<Buffer>;
  readonly sessions: SessionStore;
  readonly feed: EventFeed;
  readonly eventStore: EventStore;
  readonly redis: RedisConnection | undefined;
  readonly clock: Clock;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}

/** Sessions in memory, before copies in Redis where there is one, before the database. */
export function composeSessionCache(parts: SessionCacheParts): {
  readonly sessionCache: SessionCache;
  /** Starts the feed, and makes the cache ready for what other nodes lend. */
  followFeed(): Promise<void>;
} {
  const { config, masterKey, sessions, feed, eventStore: store, redis, clock, monotonicMs, logger } = parts;
  const { cacheEntries: maxEntries, cacheInRedis } = config.sessions;
  const shared =
    redis && cacheInRedis && maxEntries > 0
      ? redisSharedSessions({ redis, entries: createSealedEntries(masterKey, 'session-copy'), monotonicMs })
      : undefined;
  const sessionCache = createSessionCache({ sessions, shared, feed, clock, monotonicMs, maxEntries });
  feed.listen(sessionCache.changed);
  return {
    sessionCache,
    followFeed: async () => {
      await feed.start();
      if (!shared) return;
      await recallChanges({ cache: sessionCache, feed, store, logger });
      // Not only with the first poll: until the first turn nothing is believed.
      feed.wake();
    },
  };
}
