import { readFile } from 'node:fs/promises';
import type { RedisConfig } from '#platform/config/config.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { type BreakerState, createCircuitBreaker } from '#platform/resilience/circuit-breaker.ts';
import { createRedisClient, createSubscriberClient, type RedisClient } from './redis-client.ts';
import { isRedisOutage } from './redis-outage.ts';
import { type RedisListener, subscribeRedis } from './redis-subscription.ts';

/** One deployment's Redis: a server, the primary behind Sentinels, or a Cluster. Who uses it does not see which. */
export interface RedisConnection {
  /**
   * Runs commands behind the circuit breaker. Whoever calls this says in code what it does without Redis: it rejects with
   * CircuitOpenError at once while Redis is away. After a time-out or a lost connection a write may or may not have been
   * done. Keys get the namespace; commands on several keys need a hash tag that they share (`hashTagged`).
   */
  run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T>;
  /** Tells the listeners of a channel, on all nodes. */
  publish(channel: string, message: string): Promise<void>;
  /** Listens on a connection of its own, which is opened again after a loss or a failover. Returns how to stop. */
  subscribe(channel: string, listener: RedisListener): () => void;
  /** Whether the connection stands; of a Cluster: whether its slots are served. */
  isConnected(): boolean;
  breakerState(): BreakerState;
  close(): void;
}

/**
 * Opens Redis and returns at once: the product starts and goes on without it.
 * @throws StartupError when the file of certificate authorities can not be read.
 */
export async function openRedis(config: RedisConfig, logger: Logger): Promise<RedisConnection> {
  const { namespace, connectTimeoutMs, commandTimeoutMs, caFile } = config;
  const settings = {
    servers: config.servers.reveal(),
    ca: caFile === undefined ? undefined : await readAuthorities(caFile),
    keyPrefix: `${namespace}:`,
    connectTimeoutMs,
    commandTimeoutMs,
  };
  const client = createRedisClient(settings);
  let reported = false;
  client.on('error', (error) => {
    if (!reported) logger.warn('Redis is away; the product goes on without it', { error });
    reported = true;
  });
  client.on('ready', () => {
    reported = false;
  });
  const breaker = createCircuitBreaker({ name: 'redis', callTimeoutMs: commandTimeoutMs, isOutage: isRedisOutage, logger });
  // A Redis may serve several deployments, and channels know no databases.
  const fullName = (channel: string) => `${namespace}:${channel}`;
  return {
    run: (commands) => breaker.run(() => commands(client)),
    publish: async (channel, message) => void (await breaker.run(() => client.publish(fullName(channel), message))),
    subscribe: (channel, listener) =>
      subscribeRedis({ channel: fullName(channel), open: () => createSubscriberClient(settings, client) }, listener),
    isConnected: () => client.status === 'ready',
    breakerState: () => breaker.state(),
    close: () => client.disconnect(),
  };
}

async function readAuthorities(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new StartupError('the file that REDIS_CA_FILE names can not be read', 'name a readable PEM file', { cause: error });
  }
}
