import type { Redis } from 'ioredis';
import { reconnectDelayMs } from './redis-client.ts';

export interface RedisListener {
  readonly onMessage: (message: string) => void;
  /**
   * Whether messages arrive at present. After each `true` some may have been missed before it: whoever depends on them
   * looks for itself. Without connection it is told `false`, once.
   */
  readonly onHealth: (healthy: boolean) => void;
}

export interface RedisSubscriptionDeps {
  readonly channel: string;
  /** A new connection, not yet opened; null when no server is known at present. */
  readonly open: () => Redis | null;
}

/**
 * Listens on one channel until it is stopped. A subscribed connection is one of its own; when it ends, another is opened to
 * wherever Redis is by then. Returns how to stop; nothing is told after that.
 */
export function subscribeRedis({ channel, open }: RedisSubscriptionDeps, { onMessage, onHealth }: RedisListener): () => void {
  let stopped = false;
  let healthy: boolean | undefined;
  let attempt = 0;
  let timer: NodeJS.Timeout | undefined;
  let connection: Redis | null = null;

  function tell(now: boolean): void {
    if (stopped || healthy === now) return;
    healthy = now;
    onHealth(now);
  }

  function again(): void {
    tell(false);
    if (stopped) return;
    attempt += 1;
    timer = setTimeout(connect, reconnectDelayMs(attempt));
    timer.unref();
  }

  function connect(): void {
    const opened = open();
    connection = opened;
    if (!opened) {
      again();
      return;
    }
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      opened.disconnect();
      again();
    };
    // The error comes again as the end of the connection.
    opened.on('error', () => undefined);
    opened.once('end', end);
    opened.on('message', (from: string, message: string) => {
      if (!stopped && from === channel) onMessage(message);
    });
    opened
      .connect()
      .then(() => opened.subscribe(channel))
      .then(() => {
        if (ended) return;
        attempt = 0;
        tell(true);
      })
      .catch(end);
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    connection?.disconnect();
  };
}
