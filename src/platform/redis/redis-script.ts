import type { RedisConnection } from './redis.ts';
import type { RedisClient } from './redis-client.ts';

export interface RedisScriptDescription<KeyName extends string, ArgumentName extends string, Reply> {
  /** Unique in the product, in camelCase. */
  readonly name: string;
  /** The names of its keys, in the order of KEYS. A script may touch no other key: a Cluster would refuse it. */
  readonly keys: readonly KeyName[];
  /** The names of its arguments, in the order of ARGV. */
  readonly arguments: readonly ArgumentName[];
  readonly lua: string;
  /** Reads the reply; throws on one that the script can not give. */
  readonly read: (reply: unknown) => Reply;
}

export interface RedisScriptCall<KeyName extends string, ArgumentName extends string> {
  readonly keys: Readonly<Record<KeyName, string>>;
  readonly arguments: Readonly<Record<ArgumentName, string | number>>;
}

export type RedisScript<KeyName extends string, ArgumentName extends string, Reply> = (
  redis: Pick<RedisConnection, 'run'>,
  call: RedisScriptCall<KeyName, ArgumentName>,
) => Promise<Reply>;

const names = new Set<string>();

/** A key of several parts that a Cluster places by `tag` alone, so that all keys of one tag live on one node. */
export function hashTagged(tag: string, ...parts: readonly string[]): string {
  if (tag === '' || /[{}]/.test(tag)) throw new RangeError('a hash tag is a text without braces');
  return [`{${tag}}`, ...parts].join(':');
}

/** The part of a key that decides its place (Redis Cluster specification, hash tags). */
function placeOf(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key;
}

/**
 * A Lua script, which Redis runs as one step. It is sent by its digest and, where a server does not know it yet, once
 * whole: a failover or a flush changes nothing. Keys of one call must share a hash tag, also without a Cluster, so that
 * what works on one server works on many.
 */
export function defineScript<const KeyName extends string, const ArgumentName extends string, Reply>(
  description: RedisScriptDescription<KeyName, ArgumentName, Reply>,
): RedisScript<KeyName, ArgumentName, Reply> {
  const { name, lua, read } = description;
  if (names.has(name)) throw new Error(`the script ${name} is defined twice`);
  names.add(name);
  const defined = new WeakSet<RedisClient>();
  return (redis, call) => {
    const keys = description.keys.map((key) => call.keys[key]);
    if (new Set(keys.map(placeOf)).size > 1) throw new RangeError(`the keys of ${name} share no hash tag`);
    const values = description.arguments.map((argument) => String(call.arguments[argument]));
    return redis.run(async (client) => {
      if (!defined.has(client)) client.defineCommand(name, { lua, numberOfKeys: keys.length });
      defined.add(client);
      const command = Reflect.get(client, name) as (...parameters: string[]) => Promise<unknown>;
      return read(await command.apply(client, [...keys, ...values]));
    });
  };
}
