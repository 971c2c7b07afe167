import pg from 'pg';
import type { Logger } from '#platform/observability/logger.ts';

export interface ListenerOptions {
  readonly config: pg.ClientConfig;
  readonly channel: string;
  readonly logger: Logger;
  readonly onNotification: (payload: string) => void;
  readonly onHealth: (healthy: boolean) => void;
}

const firstPauseMs = 100;
const longestPauseMs = 5_000;

/**
 * LISTENs on a connection of its own, for which a connection pool in transaction mode won't do, and opens a new one when
 * it is lost, after growing pauses with jitter. Returns how to stop. Never throws: without a connection it is unhealthy.
 */
export async function listenForNotifications({
  config,
  channel,
  logger,
  onNotification,
  onHealth,
}: ListenerOptions): Promise<() => Promise<void>> {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ ...config, application_name: 'sallyport-listener' });
    const onLost = (error?: Error) => {
      if (client !== fresh) return;
      client = undefined;
      onHealth(false);
      if (error) logger.warn('notification connection lost', { error });
      retry();
    };
    fresh.on('error', onLost);
    fresh.on('end', () => onLost());
    fresh.on('notification', (message) => onNotification(message.payload ?? ''));
    client = fresh;
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(channel)}`);
      failures = 0;
      onHealth(true);
      // Whatever was announced while nobody listened is looked for now.
      onNotification('');
    } catch (error) {
      fresh.end().catch(() => undefined);
      onLost(error instanceof Error ? error : new Error(String(error)));
    }
  }

  function retry(): void {
    if (stopped) return;
    failures += 1;
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
    timer = setTimeout(() => void connect(), pauseMs).unref();
  }

  await connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    await open?.end().catch(() => undefined);
  };
}
