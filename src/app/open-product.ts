import { join } from 'node:path';
import { openPlaces } from '#capabilities/devices/index.ts';
import { postgresEventWakeup, redisEventWakeup } from '#capabilities/events/index.ts';
import { readBreachedPasswords } from '#capabilities/passwords/index.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import { createCache } from '#platform/cache/create-cache.ts';
import type { Config } from '#platform/config/config.ts';
import { createPasswordHasher } from '#platform/crypto/index.ts';
import { createPool, openDatabase, type PoolSettings, waitForDatabase } from '#platform/db/index.ts';
import { migrateUp } from '#platform/db/migrate/index.ts';
import { migrateJobs } from '#platform/jobs/index.ts';
import { type DevelopmentMailbox, developmentMailbox, type MailTransport, smtpTransport } from '#platform/mail/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { openRedis } from '#platform/redis/redis.ts';
import { composeCapabilities } from './capabilities.ts';
import { guardMasterKey } from './master-key.ts';
import { composeProofs } from './proofs-of-possession.ts';

export interface ProductOptions {
  readonly config: Config;
  readonly databaseUrl: Secret<string>;
  readonly masterKey: Secret<Buffer>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds of a clock that is never set back. */
  readonly monotonicMs: () => number;
  /** Told what is being done, for whoever waits at a terminal. */
  readonly progress: (line: string) => void;
  /** Collects how to close what was opened, in the order of opening. */
  readonly opened: (() => Promise<unknown>)[];
}

/**
 * Everything but the doors: database, migrations, capabilities, first organisation, current signing key. What serves
 * requests and what a command of the terminal does both stand on it. Throws StartupError.
 */
export async function openProduct(options: ProductOptions) {
  const { config, databaseUrl, masterKey, logger, clock, monotonicMs, progress, opened } = options;
  const { poolMax: max, connectTimeoutMs, statementTimeoutMs, startRetrySeconds } = config.database;
  const poolSettings: PoolSettings = { url: databaseUrl, max, connectTimeoutMs, statementTimeoutMs };
  const pool = createPool(poolSettings, logger);
  const db = openDatabase(pool, { statementTimeoutMs, logger });
  opened.push(() => db.close());
  await waitForDatabase(pool, {
    url: databaseUrl,
    retrySeconds: startRetrySeconds,
    logger,
    embeddedInstead: config.profile !== 'production',
  });
  const masterKeyGuard = guardMasterKey(config, { db, masterKey, clock });
  await masterKeyGuard.check();
  await migrateUp({ url: databaseUrl.reveal(), log: progress });
  await masterKeyGuard.establish();
  await migrateJobs(pool, logger);

  const redis = config.redis && (await openRedis(config.redis, logger));
  if (redis) opened.push(async () => redis.close());
  const cache = createCache({ redis });
  opened.push(() => cache.close());
  const { hasher: library, memoryKib, iterations, parallelism, concurrency, queueMax: maxWaiting } = config.passwords;
  const hasher = await createPasswordHasher({
    library,
    parameters: { memoryKib, iterations, parallelism },
    concurrency,
    maxWaiting,
  });
  if (hasher.fallbackCause) {
    logger.warn('the faster Argon2 library can not be loaded; using the other', {
      library: hasher.library,
      error: hasher.fallbackCause,
    });
  }
  const proofs = composeProofs({ config, masterKey, redis, clock, logger });
  const mailbox = config.mail.smtpUrl ? undefined : developmentMailbox(join(config.dataDir, 'mailbox'), clock);
  const capabilities = composeCapabilities({
    config,
    masterKey,
    db,
    wakeup: redis ? redisEventWakeup(redis) : postgresEventWakeup(db, poolSettings, logger),
    cache,
    hasher,
    breached: await readBreachedPasswords(),
    proofs,
    findPlace: await openPlaces(config.geoipDatabaseFile),
    mailTransport: mailTransportOf(config, mailbox),
    redis,
    clock,
    monotonicMs,
    logger,
  });
  await capabilities.foundFirstOrganisation(firstOrganisation(config));
  await capabilities.prepare();
  return { poolSettings, pool, db, redis, cache, proofs, hasher, mailbox, capabilities };
}

function firstOrganisation({ profile }: Config) {
  return profile === 'production' ? { slug: 'default', name: 'Default' } : { slug: 'dev', name: 'Development' };
}

function mailTransportOf(config: Config, mailbox: DevelopmentMailbox | undefined): MailTransport {
  if (mailbox) return mailbox;
  const { smtpUrl, from } = config.mail;
  if (!smtpUrl) throw new Error('there is neither a mail server nor a development mailbox');
  return smtpTransport({ url: smtpUrl, from, messageIdHost: config.http.publicUrl.hostname });
}
