import type { SealedEntries } from '#platform/crypto/index.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import { hashTagged } from '#platform/redis/redis-script.ts';
import { inTime, TooLateError } from '#platform/resilience/deadline.ts';
import type { SessionCopy, SharedSessions } from './sessions.ports.ts';

export interface RedisSharedSessionsDeps {
  readonly redis: Pick<RedisConnection, 'run'>;
  readonly entries: SealedEntries;
  /** A clock that is never set back, in milliseconds. */
  readonly monotonicMs: () => number;
  /** How long an answer is waited for, in milliseconds. */
  readonly waitMs?: number;
}

// The database answers within a few: whoever has waited ten times as long for its copy does better to ask it.
const defaultWaitMs = 50;
/** After an answer that did not come in time Redis is not asked for this long: a slow one must not slow every request. */
const restMs = 1_000;
/** Of what is sealed. Another release that keeps something else counts on. */
const form = '1';

/**
 * Copies in Redis, each sealed for its own key: whoever reads Redis learns nothing, not even which session is which, and
 * whoever writes to it can put back what stood at the same place before, and nothing else.
 *
 * Without Redis, or when it is late, full or holds anything odd, there is no copy, and the database is asked.
 */
export function redisSharedSessions({
  redis,
  entries,
  monotonicMs,
  waitMs = defaultWaitMs,
}: RedisSharedSessionsDeps): SharedSessions {
  let restUntilMs = Number.NEGATIVE_INFINITY;
  const entryOf = (key: string) => entries(Buffer.from(key, 'latin1'));
  const rests = () => monotonicMs() < restUntilMs;

  async function ask(place: string): Promise<Buffer | null> {
    try {
      return await inTime(
        redis.run((client) => client.getBuffer(place)),
        waitMs,
      );
    } catch (error) {
      if (error instanceof TooLateError) restUntilMs = monotonicMs() + restMs;
      return null;
    }
  }

  return {
    find: async (key) => {
      if (rests()) return undefined;
      const entry = entryOf(key);
      const sealed = await ask(placeOf(entry.name));
      if (!sealed) return undefined;
      try {
        return read(entry.open(sealed));
      } catch {
        return undefined;
      }
    },
    keep: (key, copy, forMs) => {
      if (rests()) return;
      const entry = entryOf(key);
      const sealed = entry.seal(write(copy));
      redis.run((client) => client.set(placeOf(entry.name), sealed, 'PX', Math.ceil(forMs))).catch(() => undefined);
    },
  };
}

const placeOf = (name: string) => hashTagged(name, 'session');

function write({ packed: { text, userAgent }, position, readAt }: SessionCopy): Buffer {
  return Buffer.from([form, position, readAt.getTime(), text.length, text + userAgent].join(' '));
}

function read(bytes: Buffer): SessionCopy | undefined {
  const [, ofForm, position, readAt, length, texts] = /^(\d+) (\d+) (\d+) (\d+) (.*)$/s.exec(bytes.toString()) ?? [];
  if (ofForm !== form || position === undefined || texts === undefined) return undefined;
  return {
    packed: { text: texts.slice(0, Number(length)), userAgent: texts.slice(Number(length)) },
    position: BigInt(position),
    readAt: new Date(Number(readAt)),
  };
}
