import type { AccessTokens, SessionCache } from '#capabilities/sessions/index.ts';
import type { Cache } from '#platform/cache/cache.ts';
import type { PasswordHashingEngine } from '#platform/crypto/index.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import type { BreakerState } from '#platform/resilience/circuit-breaker.ts';
import type { SocketRegistry } from '#transport/graphql/socket-registry.ts';

export interface GaugeSources {
  readonly pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number };
  readonly hasher: Pick<PasswordHashingEngine, 'stats'>;
  readonly registry: Pick<SocketRegistry, 'size'>;
  readonly sessionCache: Pick<SessionCache, 'stats'>;
  readonly accessTokens: Pick<AccessTokens, 'stats'>;
  readonly redis: Pick<RedisConnection, 'isConnected' | 'breakerState'> | undefined;
}

const breakerStates: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** What is read off the node's parts whenever the metrics are collected. */
export function declareGauges(metrics: Metrics, sources: GaugeSources): void {
  const { pool, hasher, registry, redis, sessionCache, accessTokens } = sources;
  metrics.gauge({ name: 'database_pool_connections', help: 'Open connections to PostgreSQL.', read: () => pool.totalCount });
  metrics.gauge({
    name: 'database_pool_waiting',
    help: 'Requests that wait for a connection to PostgreSQL.',
    read: () => pool.waitingCount,
  });
  metrics.gauge({
    name: 'password_hash_waiting',
    help: 'Password hashes that wait for a processor.',
    read: () => hasher.stats().waiting,
  });
  const { stats } = sessionCache;
  metrics.gauge({ name: 'session_cache_entries', help: 'Sessions that this node keeps in memory.', read: () => stats().entries });
  metrics.gauge({ name: 'session_cache_hits', help: 'Session checks that memory answered (l1).', read: () => stats().hits });
  metrics.gauge({
    name: 'session_cache_shared_hits',
    help: 'Session checks that were answered by a copy in Redis (l2).',
    read: () => stats().sharedHits,
  });
  metrics.gauge({
    name: 'session_cache_shared_misses',
    help: 'Session checks for which Redis had no copy, none in time, or one that could not be vouched for.',
    read: () => stats().sharedMisses,
  });
  metrics.gauge({
    name: 'session_cache_refused',
    help: 'Session checks that memory refused: the token was of no session some seconds ago.',
    read: () => stats().refused,
  });
  metrics.gauge({
    name: 'session_cache_joined',
    help: 'Session checks that shared the answer to another one.',
    read: () => stats().joined,
  });
  metrics.gauge({ name: 'session_cache_misses', help: 'Session checks that asked the database.', read: () => stats().misses });
  const { stats: tokenStats } = accessTokens;
  metrics.gauge({
    name: 'access_token_cache_entries',
    help: 'Verified access tokens that this node knows again.',
    read: () => tokenStats().entries,
  });
  metrics.gauge({
    name: 'access_token_cache_hits',
    help: 'Access tokens whose signature was verified before.',
    read: () => tokenStats().hits,
  });
  metrics.gauge({
    name: 'access_token_cache_misses',
    help: 'Access tokens that were verified in full, or refused.',
    read: () => tokenStats().misses,
  });
  metrics.gauge({ name: 'websocket_connections', help: 'Authenticated WebSocket connections.', read: () => registry.size });
  if (!redis) return;
  metrics.gauge({
    name: 'redis_connected',
    help: 'Whether Redis is connected (1) or away (0).',
    read: () => Number(redis.isConnected()),
  });
  metrics.gauge({
    name: 'redis_circuit_state',
    help: 'Whether Redis is used (0), tried (1) or left alone because it failed (2).',
    read: () => breakerStates[redis.breakerState()],
  });
}

/** Reads of the cache, by where the answer came from: the hit ratio of a layer is its part in all. */
export function countCacheReads(metrics: Metrics, cache: Pick<Cache, 'onRead'>): void {
  const reads = metrics.counter({
    name: 'cache_reads_total',
    help: 'Reads of cached values: from memory (l1), from Redis (l2), or loaded (miss).',
    labels: ['kind', 'result'],
  });
  cache.onRead((kind, result) => reads.add(1, { kind, result }));
}
