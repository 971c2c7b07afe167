import { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { BentoCache, bentostore, errors } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import type { L1CacheDriver } from 'bentocache/types';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { bentoRedisDriver } from './bento-redis-driver.ts';
import type { Cache, CachedKind, CachedValues, CacheOutcome } from './cache.ts';
import { redisCacheBus } from './redis-bus.ts';
import { createRedisLayer, type RedisLayer } from './redis-layer.ts';

export interface CacheOptions {
  /** Undefined: each node has its memory alone. */
  readonly redis: Pick<RedisConnection, 'run' | 'publish' | 'subscribe'> | undefined;
  /** Bounds of the memory; the values that were not used for longest go first. */
  readonly mostItems?: number;
  readonly mostBytes?: number;
}

const jitter = 0.1;
/** While nothing is heard of other nodes, memory may be this old. */
const deafTtlMs = 1_000;
/** How often, and how many times, a value that another node is loading is looked for before this one loads it as well. */
const waitForLeaseMs = 25;
const mostWaits = 60;

/** One read from its beginning to its answer; whoever asks for the key meanwhile shares it. */
interface Flight {
  readonly answer: Promise<unknown>;
  /** The value was forgotten meanwhile: what is being loaded may be outdated. */
  outdated: boolean;
}

/** Memory before Redis before the load, by bentocache. See cache.ts for what it promises. */
export function createCache({ redis, mostItems = 10_000, mostBytes = 16_777_216 }: CacheOptions): Cache {
  const flights = new Map<string, Flight>();
  const layers = new Map<string, CacheOutcome>();
  const names = new Set<string>();
  let longestTtlMs = 0;
  let deaf = redis !== undefined;
  let tell: (kind: string, outcome: CacheOutcome) => void = () => {};
  let memory: L1CacheDriver | undefined;

  const outdate = (key: string) => {
    const flight = flights.get(key);
    if (flight) flight.outdated = true;
    flights.delete(key);
  };

  const inMemory = memoryDriver({ maxItems: mostItems, maxSize: mostBytes });
  const store = bentostore().useL1Layer({
    options: inMemory.options,
    factory: (config) => {
      memory = inMemory.factory(config);
      return memory;
    },
  });
  const layer: RedisLayer | undefined =
    redis && createRedisLayer(redis, { longestTtlMs: () => longestTtlMs, onSettled: (key) => void bento.delete({ key }) });
  if (redis && layer) {
    store.useL2Layer({ options: {}, factory: () => bentoRedisDriver(layer) });
    store.useBus({
      options: { retryQueue: { enabled: true, maxSize: 1_000 } },
      factory: () =>
        redisCacheBus(redis, {
          onKeys: (keys) => keys.map(outdate),
          onHealth: (healthy) => {
            deaf = !healthy;
            // Of what was changed while nobody listened nothing is known.
            for (const key of flights.keys()) outdate(key);
            memory?.clear();
          },
        }),
    });
  }
  const emitter = new EventEmitter();
  emitter.on('cache:hit', ({ key, layer: found }: { key: string; layer: 'l1' | 'l2' }) => layers.set(key, found));
  const bento = new BentoCache({ default: 'store', stores: { store }, emitter, suppressL2Errors: true });
  // Opened now, not with the first read: so it listens from the beginning.
  bento.use('store');

  /** Asks for the lease to load. Without Redis everybody may. */
  async function mayLoad(key: string): Promise<boolean> {
    if (!layer) return true;
    try {
      const { held, current } = await layer.lease(key);
      if (!held) return false;
      if (current === undefined || !isCurrent(current)) return true;
      // Another node was quicker between our look and our lease.
      await layer.release(key);
      return false;
    } catch {
      return true;
    }
  }

  async function read<T>(
    kind: CachedKind<T>,
    key: string,
    load: () => Promise<T | null>,
    flight: () => Flight,
  ): Promise<unknown> {
    for (let wait = 0; ; wait += 1) {
      const loaded: { value?: T | null } = {};
      const found = await bento.getOrSet<unknown>({
        key,
        ttl: kind.ttlSeconds * 1_000,
        factory: async ({ skip, setOptions }) => {
          if (!(await mayLoad(key)) && wait < mostWaits) return skip();
          try {
            loaded.value = await load();
          } catch (error) {
            await layer?.release(key).catch(() => undefined);
            throw error;
          }
          if (flight().outdated) {
            await layer?.release(key).catch(() => undefined);
            return skip();
          }
          const seconds = loaded.value === null ? kind.absentTtlSeconds : kind.ttlSeconds;
          const ttl = seconds * 1_000 * (1 - Math.random() * jitter);
          setOptions({ ttl: deaf ? Math.min(ttl, deafTtlMs) : ttl });
          return loaded.value;
        },
      });
      if (loaded.value !== undefined) {
        tell(kind.name, 'miss');
        return loaded.value;
      }
      const outcome = layers.get(key);
      layers.delete(key);
      if (outcome) {
        // What Redis keeps for long must not be kept here while its end would not be heard of.
        if (deaf && outcome === 'l2') memory?.delete(key);
        const value = parsed(kind, found);
        if (value !== undefined) {
          tell(kind.name, outcome);
          return value;
        }
        await bento.delete({ key });
      }
      // Something writes what this release can't read, again and again.
      if (wait > mostWaits) return await load();
      await pause(waitForLeaseMs);
    }
  }

  function valuesOf<T>(kind: CachedKind<T>): CachedValues<T> {
    const { name, version } = kind;
    if (names.has(name)) throw new Error(`the cached kind ${name} is declared twice`);
    names.add(name);
    longestTtlMs = Math.max(longestTtlMs, kind.ttlSeconds * 1_000, kind.absentTtlSeconds * 1_000);
    const fullKey = (key: string) => `${name}:${version}:${key}`;
    return {
      get: async (partialKey, load) => {
        const key = fullKey(partialKey);
        const running = flights.get(key);
        if (running) return (await running.answer) as T | null;
        const begin = () => read(kind, key, load, () => flight).catch(throwCause);
        const flight: Flight = { outdated: false, answer: Promise.resolve().then(begin) };
        flights.set(key, flight);
        try {
          return (await flight.answer) as T | null;
        } finally {
          if (flights.get(key) === flight) flights.delete(key);
        }
      },
      forget: async (partialKey) => {
        outdate(fullKey(partialKey));
        await bento.delete({ key: fullKey(partialKey) });
      },
    };
  }

  return {
    of: valuesOf,
    onRead: (listener) => {
      tell = listener;
    },
    close: async () => {
      layer?.close();
      await bento.disconnectAll();
    },
  };
}

/** What the load threw: to whoever reads, the cache is not there. */
function throwCause(error: unknown): never {
  throw error instanceof errors.E_FACTORY_ERROR && error.cause !== undefined ? error.cause : error;
}

/** Whether what Redis holds has not ended by bentocache's own reckoning. */
function isCurrent(text: string): boolean {
  try {
    const entry: unknown = JSON.parse(text);
    const ends = typeof entry === 'object' && entry !== null ? Reflect.get(entry, 'logicalExpiration') : undefined;
    return typeof ends === 'number' && Date.now() < ends;
  } catch {
    return false;
  }
}

/** Undefined for a value that is not of this kind. */
function parsed<T>(kind: CachedKind<T>, found: unknown): T | null | undefined {
  if (found === null) return null;
  try {
    return kind.parse(found);
  } catch {
    return undefined;
  }
}
