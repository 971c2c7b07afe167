import { randomBytes } from 'node:crypto';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { defineScript, hashTagged } from '#platform/redis/redis-script.ts';

/**
 * Values in Redis, of which each is written by whoever holds the lease to load it. Forgetting a value takes the lease away
 * as well: so a slow load can't write what it read before a change over what is true after it, and of all nodes that miss a
 * value one loads it while the others wait.
 *
 * Without Redis nobody gets a lease: each node loads for itself and nothing is written.
 */
export interface RedisLayer {
  read(key: string): Promise<string | undefined>;
  /** Whether this node may load. `current` is what stands there meanwhile. Rejects without Redis. */
  lease(key: string): Promise<{ readonly held: boolean; readonly current: string | undefined }>;
  /** Gives the lease back without a value. */
  release(key: string): Promise<void>;
  /** Rejects when the lease is no longer held: the value may be outdated. */
  write(key: string, value: string, ttlMs: number): Promise<void>;
  forget(key: string): Promise<void>;
  close(): void;
}

export interface RedisLayerOptions {
  /** Of all that is written. */
  readonly longestTtlMs: () => number;
  /** What could not be forgotten at once is gone from Redis now: others may have read it again meanwhile. */
  readonly onSettled: (key: string) => void;
}

/** Longer than a load takes; a node that died holds others up for no longer than this. */
const leaseMs = 3_000;
/** How often what is owed is tried again. */
const settleMs = 250;
/** Beyond this nothing is read from Redis until all that it holds has ended by itself. */
const mostOwed = 10_000;

const takeLease = defineScript({
  name: 'takeCacheLease',
  keys: ['value', 'lease'],
  arguments: ['token', 'leaseMs'],
  lua: "local held = redis.call('set', KEYS[2], ARGV[1], 'nx', 'px', ARGV[2]) return {held and 1 or 0, redis.call('get', KEYS[1])}",
  read: (reply) => {
    const [held, current] = reply as [number, string | null];
    return { held: held === 1, current: current ?? undefined };
  },
});

const writeLeased = defineScript({
  name: 'writeCacheLeased',
  keys: ['value', 'lease'],
  arguments: ['token', 'value', 'ttlMs'],
  lua: "if redis.call('get', KEYS[2]) ~= ARGV[1] then return 0 end redis.call('set', KEYS[1], ARGV[2], 'px', ARGV[3]) redis.call('del', KEYS[2]) return 1",
  read: (reply) => reply === 1,
});

const releaseLease = defineScript({
  name: 'releaseCacheLease',
  keys: ['lease'],
  arguments: ['token'],
  lua: "if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end return 1",
  read: () => undefined,
});

export function createRedisLayer(
  redis: Pick<RedisConnection, 'run'>,
  { longestTtlMs, onSettled }: RedisLayerOptions,
): RedisLayer {
  const tokens = new Map<string, string>();
  /** Keys that were to be forgotten while Redis was away. It may come back with their old values. */
  const owed = new Set<string>();
  let distrustedUntil = 0;
  let settling: NodeJS.Timeout | undefined;
  const keysOf = (key: string) => ({ value: hashTagged(key, 'value'), lease: hashTagged(key, 'lease') });

  async function remove(key: string): Promise<void> {
    const { value, lease } = keysOf(key);
    await redis.run((client) => client.del(value, lease));
    owed.delete(key);
  }

  async function settle(): Promise<void> {
    try {
      for (const key of [...owed]) {
        await remove(key);
        onSettled(key);
      }
    } catch {
      // Still away.
    }
    settling = undefined;
    if (owed.size > 0) settleLater();
  }

  function settleLater(): void {
    settling ??= setTimeout(() => void settle(), settleMs).unref();
  }

  async function assertTrusted(key: string): Promise<void> {
    if (performance.now() < distrustedUntil) throw new Error('Redis may hold values that are outdated');
    if (owed.has(key)) await remove(key);
  }

  return {
    read: async (key) => {
      await assertTrusted(key);
      return (await redis.run((client) => client.get(keysOf(key).value))) ?? undefined;
    },
    lease: async (key) => {
      await assertTrusted(key);
      const token = randomBytes(12).toString('base64url');
      const taken = await takeLease(redis, { keys: keysOf(key), arguments: { token, leaseMs } });
      if (taken.held) tokens.set(key, token);
      return taken;
    },
    release: async (key) => {
      const token = tokens.get(key);
      tokens.delete(key);
      if (token !== undefined) await releaseLease(redis, { keys: { lease: keysOf(key).lease }, arguments: { token } });
    },
    write: async (key, value, ttlMs) => {
      const token = tokens.get(key);
      tokens.delete(key);
      const written =
        token !== undefined &&
        (await writeLeased(redis, { keys: keysOf(key), arguments: { token, value, ttlMs: Math.ceil(ttlMs) } }));
      if (!written) throw new Error('the lease to write this value is gone');
    },
    forget: async (key) => {
      tokens.delete(key);
      owed.add(key);
      if (owed.size > mostOwed) {
        owed.clear();
        distrustedUntil = performance.now() + longestTtlMs();
      }
      await remove(key).catch((error: unknown) => {
        settleLater();
        throw error;
      });
    },
    close: () => {
      clearTimeout(settling);
      owed.clear();
    },
  };
}
