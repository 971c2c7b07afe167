import type { Clock } from '#kernel/clock.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';
import type { Dimension, PolicyName } from './limit-policy.ts';
import type { HeldLimit, HeldLimits } from './limits.ports.ts';

/** A sorted set: its members name limits, their scores tell until when each holds. */
const key = 'limits-held';
/** Beyond so many the ones that end first are dropped. */
const maxLimits = 10_000;
/** Nothing is held for longer; the whole set goes when nobody adds to it any more. */
const longestHoldMs = 2 * 3_600_000;

const memberOf = ({ policy, dimension, subject }: HeldLimit): string => `${policy} ${dimension} ${subject}`;

/** Of all nodes. While Redis is away each node goes by `own`, which knows what was held here before. */
export function redisHeldLimits(redis: Pick<RedisConnection, 'run'>, clock: Clock, own: HeldLimits): HeldLimits {
  return {
    hold: async (limit) => {
      const isNewHere = await own.hold(limit);
      try {
        return await redis.run(async (client) => {
          await client.zremrangebyscore(key, '-inf', clock.now().getTime());
          const added = await client.zadd(key, 'GT', limit.until.getTime(), memberOf(limit));
          await client.pexpire(key, longestHoldMs);
          await client.zremrangebyrank(key, 0, -maxLimits - 1);
          return Number(added) === 1;
        });
      } catch {
        return isNewHere;
      }
    },
    list: async (most) => {
      const after = `(${clock.now().getTime()}`;
      const members = await redis
        .run((client) => client.zrange(key, '+inf', after, 'BYSCORE', 'REV', 'LIMIT', 0, most, 'WITHSCORES'))
        .catch(() => null);
      if (members === null) return own.list(most);
      return members.flatMap((member, index) => (index % 2 === 0 ? [read(member, members[index + 1])] : []));
    },
  };
}

function read(member: string, score: string | undefined): HeldLimit {
  const [policy, dimension, subject = ''] = member.split(' ');
  return {
    policy: policy as PolicyName,
    dimension: dimension as Dimension,
    subject,
    until: new Date(Number(score)),
  };
}
