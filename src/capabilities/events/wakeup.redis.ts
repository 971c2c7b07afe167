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
      subscriber.on('error', () => onHealth(false));
      subscriber.on('close', () => onHealth(false));
      subscriber.on('ready', () => {
        subscriber.subscribe(channel).then(
          () => {
            onHealth(true);
            onWake();
          },
          () => onHealth(false),
        );
      });
      subscriber.on('message', () => onWake());
      return async () => subscriber.disconnect();
    },
  };
}
