import type { RedisConnection } from '#platform/redis/redis.ts';
import { CircuitOpenError } from '#platform/resilience/circuit-breaker.ts';
import type { EventWakeup } from './events.ports.ts';
import { readHint } from './hint.ts';

const channel = 'events';

/**
 * Hints across nodes by Redis, be it one server, Sentinel or Cluster. Without Redis each node polls the log instead, which
 * is the truth in either case: an announcement that fails is not repeated, and a node that hears nothing looks more often.
 */
export function redisEventWakeup(redis: Pick<RedisConnection, 'publish' | 'subscribe'>): EventWakeup {
  return {
    announce: async (upTo) => {
      await redis.publish(channel, String(upTo)).catch((error: unknown) => {
        // The breaker has said already that Redis is away.
        if (!(error instanceof CircuitOpenError)) throw error;
      });
    },
    listen: async (onWake, onHealth) => {
      const stop = redis.subscribe(channel, {
        onMessage: (message) => onWake(readHint(message)),
        onHealth: (healthy) => {
          onHealth(healthy);
          // For what was announced while nobody listened.
          if (healthy) onWake();
        },
      });
      return async () => stop();
    },
  };
}
