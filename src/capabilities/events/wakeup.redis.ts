import type { Redis } from '#platform/redis/redis.ts';
import type { EventWakeup } from './events.ports.ts';

const channel = 'sallyport:events';

/** Hints across nodes by Redis. Without Redis each node polls the log instead, which is the truth in either case. */
export function redisEventWakeup(redis: Redis): EventWakeup {
  return {
    announce: async () => {
      await redis.publish(channel, '');
    },
    listen: async (onWake, onHealth) => {
      // A subscribed connection can do nothing else, so it is one of its own.
      const subscriber = redis.duplicate();
      let stopped = false;
      // Its own end is told last of all; by then nobody wants to hear of it.
      const tell = (healthy: boolean) => (stopped ? undefined : onHealth(healthy));
      subscriber.on('error', () => tell(false));
      subscriber.on('close', () => tell(false));
      subscriber.on('ready', () => {
        subscriber.subscribe(channel).then(
          () => {
            tell(true);
            if (!stopped) onWake();
          },
          () => tell(false),
        );
      });
      subscriber.on('message', () => (stopped ? undefined : onWake()));
      return async () => {
        stopped = true;
        subscriber.disconnect();
      };
    },
  };
}
