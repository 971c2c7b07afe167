import type { Clock } from '#kernel/clock.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import type { RedisClient } from '#platform/redis/redis-client.ts';
import { type LimitGroup, type RateLimiter, segmentMsOf, segmentsPerWindow } from './rate-limiter.ts';

/**
 * One hash a key: its fields are segments of time, its values what was counted in them. Fields of a clock that was ahead
 * are read as of now. ARGV: now in ms, segments of a window, cost, then limit and segment length for each key. Answers
 * whether it was admitted, then what is used and the wait in ms for each key.
 */
const reserveScript = `
local now, segments, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local windows, admitted = {}, 1
for i, key in ipairs(KEYS) do
  local limit, size = tonumber(ARGV[2 + 2 * i]), tonumber(ARGV[3 + 2 * i])
  local current = math.floor(now / size)
  local counts, used = {}, 0
  local fields = redis.call('HGETALL', key)
  for f = 1, #fields, 2 do
    local segment, count = tonumber(fields[f]), tonumber(fields[f + 1])
    if segment < current - segments then
      redis.call('HDEL', key, fields[f])
    else
      if segment > current then
        redis.call('HDEL', key, fields[f])
        redis.call('HINCRBY', key, string.format('%d', current), count)
        segment = current
      end
      counts[segment] = (counts[segment] or 0) + count
      used = used + count
    end
  end
  local wait, excess = 0, used + cost - limit
  if excess > 0 then
    admitted = 0
    wait = (segments + 1) * size
    local freed = 0
    for segment = current - segments, current do
      freed = freed + (counts[segment] or 0)
      if freed >= excess then
        wait = (segment + segments + 1) * size - now
        break
      end
    end
  end
  windows[i] = { current, size, used, wait }
end
local answer = { admitted }
for i, key in ipairs(KEYS) do
  local current, size, used, wait = unpack(windows[i])
  if admitted == 1 then
    redis.call('HINCRBY', key, string.format('%d', current), cost)
    redis.call('PEXPIRE', key, (segments + 2) * size)
    used = used + cost
  end
  table.insert(answer, used)
  table.insert(answer, wait)
end
return answer
`;

/** Takes back from the newest segments first. ARGV: cost. */
const refundScript = `
for _, key in ipairs(KEYS) do
  local left = tonumber(ARGV[1])
  local segments = redis.call('HKEYS', key)
  table.sort(segments, function(a, b) return tonumber(a) > tonumber(b) end)
  for _, segment in ipairs(segments) do
    local taken = math.min(left, tonumber(redis.call('HGET', key, segment)))
    if taken > 0 then redis.call('HINCRBY', key, segment, -taken) end
    left = left - taken
  end
end
return 1
`;

interface Commands {
  limitReserve(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
  limitRefund(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<number>;
}

const keysOf = ({ tag, limits }: LimitGroup): string[] => limits.map(({ key }) => `limit:{${tag}}:${key}`);

const defined = new WeakSet<RedisClient>();

/** The scripts have as many keys as a call has limits, so they are defined here and not by `defineScript`. */
function commandsOf(client: RedisClient): Commands {
  if (!defined.has(client)) {
    client.defineCommand('limitReserve', { lua: reserveScript });
    client.defineCommand('limitRefund', { lua: refundScript });
    defined.add(client);
  }
  return client as RedisClient & Commands;
}

/** Counts for all nodes together. Rejects as Redis does: whoever needs an answer then goes by rate-limiter.resilient.ts. */
export function redisRateLimiter(redis: Pick<RedisConnection, 'run'>, clock: Clock): RateLimiter {
  return {
    reserve: async (group, cost) => {
      const settings = group.limits.flatMap((limit) => [limit.limit, segmentMsOf(limit)]);
      const nowMs = clock.now().getTime();
      const [admitted, ...rest] = await redis.run((client) =>
        commandsOf(client).limitReserve(group.limits.length, ...keysOf(group), nowMs, segmentsPerWindow, cost, ...settings),
      );
      return {
        admitted: admitted === 1,
        states: group.limits.map((_limit, index) => ({
          used: rest[2 * index] ?? 0,
          retryAfterMs: rest[2 * index + 1] ?? 0,
        })),
      };
    },
    refund: async (group, cost) => {
      await redis.run((client) => commandsOf(client).limitRefund(group.limits.length, ...keysOf(group), cost));
    },
  };
}
