import type { L2CacheDriver } from 'bentocache/types';
import type { RedisLayer } from './redis-layer.ts';

/**
 * bentocache's own Redis driver writes whatever a node has loaded, also after it was forgotten, calls Redis past the circuit
 * breaker, and finds keys by SCAN, which a Cluster refuses. This one is the same door to RedisLayer.
 */
export function bentoRedisDriver(layer: RedisLayer): L2CacheDriver {
  const driver: L2CacheDriver = {
    type: 'l2',
    // The cache names its keys in full.
    namespace: () => driver,
    get: (key) => layer.read(key),
    set: async (key, value, ttl) => {
      if (ttl === undefined) throw new RangeError('nothing is cached for ever');
      await layer.write(key, value, ttl);
      return true;
    },
    delete: async (key) => {
      await layer.forget(key);
      return true;
    },
    deleteMany: async (keys) => {
      for (const key of keys) await layer.forget(key);
      return true;
    },
    pull: () => Promise.reject(new Error('the cache takes no values out')),
    clear: () => Promise.reject(new Error('the cache is not cleared as a whole')),
    disconnect: async () => undefined,
  };
  return driver;
}
