import { connectionConfig, type Database, listenForNotifications, type PoolSettings } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { EventWakeup } from './events.ports.ts';
import { readHint } from './hint.ts';

const channel = 'sallyport_events';

/** Hints across nodes by LISTEN/NOTIFY: one NOTIFY for a batch, outside the transactions that append. */
export function postgresEventWakeup(db: Pick<Database, 'pool'>, settings: PoolSettings, logger: Logger): EventWakeup {
  return {
    announce: async (upTo) => {
      await db.pool.query({ name: 'event_announce', text: 'select pg_notify($1, $2)', values: [channel, String(upTo)] });
    },
    listen: (onWake, onHealth) =>
      listenForNotifications({
        config: connectionConfig(settings),
        channel,
        logger,
        onNotification: (message) => onWake(readHint(message)),
        onHealth,
      }),
  };
}
