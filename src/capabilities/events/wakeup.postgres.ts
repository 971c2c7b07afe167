import { connectionConfig, type Database, listenForNotifications, type PoolSettings } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { EventWakeup } from './events.ports.ts';

const channel = 'sallyport_events';

/** Hints across nodes by LISTEN/NOTIFY: one NOTIFY for a batch, outside the transactions that append. */
export function postgresEventWakeup(db: Pick<Database, 'pool'>, settings: PoolSettings, logger: Logger): EventWakeup {
  return {
    announce: async () => {
      await db.pool.query('select pg_notify($1, $2)', [channel, '']);
    },
    listen: (onWake, onHealth) =>
      listenForNotifications({ config: connectionConfig(settings), channel, logger, onNotification: () => onWake(), onHealth }),
  };
}
