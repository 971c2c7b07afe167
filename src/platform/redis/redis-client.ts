import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisServers } from './redis-servers.ts';

export interface RedisClientSettings {
  readonly servers: RedisServers;
  /** PEM of the authorities that the servers' certificates must come from; undefined: those of the system. */
  readonly ca: string | undefined;
  /** Put before every key. Never before a channel: those are named in full. */
  readonly keyPrefix: string;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

export type RedisClient = Redis | Cluster;

const longestPauseMs = 2_000;

/** Doubles up to two seconds, each by chance a little less, so that not all nodes come back in one moment. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + Math.random() / 2);
}

/**
 * A client that fails at once while its server is away. Nothing is queued or sent a second time: whoever asks has a way
 * without Redis, and a write that arrives after its caller went that way would undo what came later.
 */
export function createRedisClient(settings: RedisClientSettings): RedisClient {
  const { servers, keyPrefix } = settings;
  const retryStrategy = reconnectDelayMs;
  if (servers.topology !== 'cluster') {
    return new Redis({
      ...nodeOptions(settings),
      ...place(settings),
      keyPrefix,
      enableOfflineQueue: false,
      retryStrategy,
      sentinelRetryStrategy: retryStrategy,
    });
  }
  return new Cluster([...servers.nodes], {
    keyPrefix,
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelayMs,
    // Bounds what one command may wait through a failover; its time limit ends it anyway.
    maxRedirections: 5,
    slotsRefreshTimeout: settings.commandTimeoutMs,
    slotsRefreshInterval: 2_000,
    // Node certificates bear host names: these are resolved by the connection, not before it.
    dnsLookup: (address, callback) => callback(null, address),
    redisOptions: nodeOptions(settings),
  });
}

/** A connection for one subscription: to the server or the present primary; of a Cluster to any node, since all hear all. */
export function createSubscriberClient(settings: RedisClientSettings, client: RedisClient): Redis | null {
  // Its end is told, and the next one is opened anew: perhaps to another server.
  const options = {
    ...nodeOptions(settings),
    retryStrategy: null,
    sentinelRetryStrategy: () => null,
    lazyConnect: true,
  } satisfies RedisOptions;
  if (client instanceof Redis) return new Redis({ ...options, ...place(settings) });
  const nodes = client.nodes('all');
  const { host, port } = nodes[Math.floor(Math.random() * nodes.length)]?.options ?? {};
  return host === undefined || port === undefined ? null : new Redis({ ...options, host, port });
}

function nodeOptions({ servers, ca, connectTimeoutMs, commandTimeoutMs }: RedisClientSettings) {
  return {
    connectionName: 'sallyport',
    username: servers.username,
    password: servers.password,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    ...(servers.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
    // After a failover a connection may still lead to what is now a replica.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
}

function place({ servers, ca, connectTimeoutMs, commandTimeoutMs }: RedisClientSettings) {
  const { nodes, sentinel, database: db, tls } = servers;
  if (!sentinel) return { ...nodes[0], db } satisfies RedisOptions;
  return {
    sentinels: [...nodes],
    name: sentinel.name,
    sentinelUsername: sentinel.username,
    sentinelPassword: sentinel.password,
    sentinelCommandTimeout: commandTimeoutMs,
    connectTimeout: connectTimeoutMs,
    // Sentinel tells the client of a failover, so that it need not wait for the old primary's connection to break.
    failoverDetector: true,
    db,
    ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: ca === undefined ? {} : { ca } } : {}),
  } satisfies RedisOptions;
}
