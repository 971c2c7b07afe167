import type { PasswordHashingEngine } from '#platform/crypto/index.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { SocketRegistry } from '#transport/graphql/socket-registry.ts';

export interface GaugeSources {
  readonly pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number };
  readonly hasher: Pick<PasswordHashingEngine, 'stats'>;
  readonly registry: Pick<SocketRegistry, 'size'>;
}

/** What is read off the node's parts whenever the metrics are collected. */
export function declareGauges(metrics: Metrics, { pool, hasher, registry }: GaugeSources): void {
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
  metrics.gauge({ name: 'websocket_connections', help: 'Authenticated WebSocket connections.', read: () => registry.size });
}
