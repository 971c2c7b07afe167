import { z } from 'zod';
import type { RedisConnection } from '#platform/redis/redis.ts';

const channel = 'cache';

const messageShape = z.object({ from: z.string(), payload: z.object({ type: z.string(), keys: z.array(z.string()) }).loose() });

/** Of bentocache's bus driver, what it uses. */
export interface CacheBus {
  setId(id: string): CacheBus;
  onReconnect(callback: () => void): void;
  publish(channel: string, message: unknown): Promise<void>;
  subscribe(channel: string, handler: (payload: never) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  disconnect(): Promise<void>;
}

export interface CacheBusListener {
  /** Another node wrote or forgot these. */
  readonly onKeys: (keys: readonly string[]) => void;
  /** Messages may have been missed before each `true`, and are missed after each `false`. */
  readonly onHealth: (healthy: boolean) => void;
}

/**
 * Tells other nodes which of their copies are outdated. What is missed while the connection is away bentocache does not
 * know: the listener drops its memory then, and keeps things for a second only while it hears nothing.
 */
export function redisCacheBus(
  redis: Pick<RedisConnection, 'publish' | 'subscribe'>,
  { onKeys, onHealth }: CacheBusListener,
): CacheBus {
  let me = '';
  let reconnected = () => {};
  let stop = () => {};
  const bus: CacheBus = {
    setId: (id) => {
      me = id;
      return bus;
    },
    onReconnect: (callback) => {
      reconnected = callback;
    },
    publish: (_channel, payload) => redis.publish(channel, JSON.stringify({ from: me, payload })),
    subscribe: async (_channel, handler) => {
      stop = redis.subscribe(channel, {
        onMessage: (text) => {
          const message = readMessage(text);
          if (!message || message.from === me) return;
          onKeys(message.payload.keys);
          handler(message.payload as never);
        },
        onHealth: (healthy) => {
          onHealth(healthy);
          if (healthy) reconnected();
        },
      });
    },
    unsubscribe: async () => stop(),
    disconnect: async () => stop(),
  };
  return bus;
}

function readMessage(text: string): z.infer<typeof messageShape> | null {
  try {
    return messageShape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
