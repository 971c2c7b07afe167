import type { Authorize } from '#capabilities/access/index.ts';
import type { FindTrust } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import { parseEmail } from '#capabilities/identity/index.ts';
import {
  admitOperation,
  admitRequest,
  type IsTrustedDevice,
  type LimitListener,
  listRateLimits,
  memoryHeldLimits,
  type RiskFactor,
  redisHeldLimits,
  reportLimit,
} from '#capabilities/limits/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import {
  altchaProvider,
  type ChallengeProvider,
  memoryUsedOnce,
  redisUsedOnce,
  siteverifyProvider,
} from '#platform/challenge/index.ts';
import type { Config } from '#platform/config/config.ts';
import { createKeyedHash, deriveSecret } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { memoryRateLimiter, redisRateLimiter, resilientRateLimiter } from '#platform/rate-limit/index.ts';
import type { RedisConnection } from '#platform/redis/redis.ts';

export interface LimitsDeps {
  readonly config: Config;
  readonly masterKey: Secret<Buffer>;
  readonly redis: RedisConnection | undefined;
  readonly unitOfWork: UnitOfWork;
  readonly appendEvent: AppendEvent;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly findTrust: FindTrust;
  /** Nobody is a risk, until a capability says otherwise. */
  readonly riskFactor?: RiskFactor;
}

const disguiseBytes = 16;

/** The limits in front of all operations: together in Redis where there is one, in this process alone otherwise. */
export function composeLimits({ config, masterKey, redis, clock, logger, ...deps }: LimitsDeps) {
  const key = createKeyedHash(masterKey, 'rate-limit');
  const disguise = (value: string): string => key(value).subarray(0, disguiseBytes).toString('base64url');
  const listeners = new Set<LimitListener>();
  const listener: LimitListener = (...told) => {
    for (const listen of listeners) listen(...told);
  };
  const node = memoryRateLimiter({ clock });
  const { factor, timeoutMs } = config.limits;
  const together = redis && redisRateLimiter(redis, clock);
  const shared = together
    ? resilientRateLimiter({ shared: together, local: memoryRateLimiter({ clock }), clock, logger, timeoutMs })
    : node;
  const ownHeld = memoryHeldLimits(clock);
  const held = redis ? redisHeldLimits(redis, clock, ownHeld) : ownHeld;
  const report = reportLimit({ ...deps, held, listener, clock, logger });

  return {
    useCases: {
      admitOperation: admitOperation({
        shared,
        node,
        challenges: challengeProvider({ config, masterKey, redis, clock, logger }),
        isTrustedDevice: trustedBy(deps.findTrust, logger),
        riskFactor: deps.riskFactor ?? (async () => 1),
        normaliseAccount,
        disguise,
        reportLimit: report,
        listener,
        factor,
      }),
      listRateLimits: listRateLimits({ held, authorize: deps.authorize }),
    },
    admitRequest: admitRequest({ node, disguise, reportLimit: report, factor }),
    /** Tells of every limit that was reached, for counters. */
    listenToLimits: (listen: LimitListener): void => void listeners.add(listen),
  };
}

/** Trust counts at the account that gives it and nowhere else: with a trusted device of their own nobody guesses faster at others. */
function trustedBy(findTrust: FindTrust, logger: Logger): IsTrustedDevice {
  return async ({ actor, claimedAccount: address }) => {
    const account = address === undefined ? actor.kind === 'user' && { userId: actor.userId } : { address };
    if (!account) return false;
    try {
      return await findTrust(account, actor.origin.client);
    } catch (error) {
      logger.warn('could not look for the trust of a device', { error });
      return false;
    }
  };
}

/** What is no address counts as it was written: it can't sign in, but it can be sent. */
function normaliseAccount(identifier: string): string {
  const email = parseEmail(identifier);
  return email.ok ? email.value.normalised : identifier.trim().toLowerCase();
}

type ChallengeDeps = Pick<LimitsDeps, 'config' | 'masterKey' | 'redis' | 'clock' | 'logger'>;

function challengeProvider({ config, masterKey, redis, clock, logger }: ChallengeDeps): ChallengeProvider | undefined {
  const { provider, iterations, siteKey, secret } = config.limits.challenge;
  if (provider === 'none') return undefined;
  if (provider === 'altcha') {
    const own = memoryUsedOnce(clock);
    const used = redis ? redisUsedOnce(redis, own) : own;
    return altchaProvider({ key: deriveSecret(masterKey, 'challenge'), iterations, used, clock });
  }
  if (siteKey === undefined || secret === undefined) throw new Error(`${provider} has no keys`);
  return siteverifyProvider({ kind: provider, siteKey, secret, logger });
}
