import type { SessionCache } from '#capabilities/sessions/index.ts';
import type { PasswordHashingEngine } from '#platform/crypto/index.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { SocketRegistry } from '#transport/graphql/socket-registry.ts';

export interface GaugeSources {
  readonly pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number };
  readonly hasher: Pick<PasswordHashingEngine, 'stats'>;
  readonly registry: Pick<SocketRegistry, 'size'>;
  readonly sessionCache: Pick<SessionCache, 'stats'>;
}

/** What is read off the node's parts whenever the metrics are collected. */
export function declareGauges(metrics: Metrics, { pool, hasher, registry, sessionCache }: GaugeSources): void {
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
  metrics.gauge({ name: 'session_cache_hits', help: 'Session checks that asked no database.', read: () => stats().hits });
  metrics.gauge({ name: 'session_cache_misses', help: 'Session checks that asked the database.', read: () => stats().misses });
  metrics.gauge({ name: 'websocket_connections', help: 'Authenticated WebSocket connections.', read: () => registry.size });
}
