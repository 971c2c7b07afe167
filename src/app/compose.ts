import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import proxyAddress from '@fastify/proxy-addr';
import { type Clock, systemClock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import { type EventWakeup, postgresEventWakeup, redisEventWakeup } from '#capabilities/events/index.ts';
import { readBreachedPasswords } from '#capabilities/passwords/index.ts';
import type { Config } from '#platform/config/config.ts';
import { createPasswordHasher } from '#platform/crypto/index.ts';
import { createPool, openDatabase, waitForDatabase } from '#platform/db/index.ts';
import { migrateUp, pending } from '#platform/db/migrate/index.ts';
import { migrateJobs, startJobWorker } from '#platform/jobs/index.ts';
import { type DevelopmentMailbox, developmentMailbox, type MailTransport, smtpTransport } from '#platform/mail/index.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { openRedis, type Redis } from '#platform/redis/redis.ts';
import { createCredentialReader } from '#transport/graphql/credentials.ts';
import { createGraphql, registerGraphqlHttp } from '#transport/graphql/http-door.ts';
import { createErrorMask } from '#transport/graphql/mask-error.ts';
import { createSessionCookie } from '#transport/graphql/session-cookie.ts';
import { createSocketRegistry } from '#transport/graphql/socket-registry.ts';
import { registerGraphqlWs } from '#transport/graphql/ws-door.ts';
import { createDrain, type ExitCode } from '#transport/http/drain.ts';
import { createDrainState } from '#transport/http/drain-state.ts';
import { createHost } from '#transport/http/host.ts';
import { serveDevelopmentMailbox } from '#transport/http/mailbox-route.ts';
import { composeCapabilities } from './capabilities.ts';
import { declareGauges } from './gauges.ts';
import { listen } from './listen.ts';
import { startMaintenance } from './maintenance.ts';

export interface NodeOptions {
  readonly config: Config;
  readonly databaseUrl: Secret<string>;
  readonly masterKey: Secret<Buffer>;
  readonly logger: Logger;
  readonly clock?: Clock;
  /** Told what is being done, for whoever waits at a terminal. */
  readonly progress?: (line: string) => void;
  /** The folder of the built pages. */
  readonly pagesFolder?: string;
}

export interface RunningNode {
  /** Where it listens. */
  readonly url: string;
  /** A link that makes the first administrator; null once there is one. Each call makes the earlier link void. */
  firstAdminLink(): Promise<string | null>;
  readonly mailbox: DevelopmentMailbox | undefined;
  /** Takes the node out of service: see drain.ts. */
  drain(reason: string): Promise<ExitCode>;
}

/** Of the job worker: one that listens, one for each job that runs, and one to spare. */
const jobConnections = 6;

/**
 * Builds one node out of its parts and brings it into service: database, migrations, first organisation, keys, event feed,
 * jobs, doors. Throws StartupError for what the operator can mend; whatever was opened by then is closed again.
 */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const opened: (() => Promise<unknown>)[] = [];
  try {
    return await start(options, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close().catch(() => undefined);
    throw error;
  }
}

async function start(options: NodeOptions, opened: (() => Promise<unknown>)[]): Promise<RunningNode> {
  const { config, databaseUrl, masterKey, logger, clock = systemClock, progress = () => {} } = options;
  const { http } = config;

  const poolSettings = {
    url: databaseUrl,
    max: config.database.poolMax,
    connectTimeoutMs: config.database.connectTimeoutMs,
    statementTimeoutMs: config.database.statementTimeoutMs,
  };
  const pool = createPool(poolSettings, logger);
  const db = openDatabase(pool, { statementTimeoutMs: config.database.statementTimeoutMs, logger });
  opened.push(() => db.close());
  await waitForDatabase(pool, databaseUrl, config.database.startRetrySeconds, logger);
  await migrateUp({ url: databaseUrl.reveal(), log: progress });
  await migrateJobs(pool, logger);

  const redis = config.redisUrl && openRedis(config.redisUrl, logger);
  if (redis) opened.push(async () => redis.disconnect());
  const wakeup: EventWakeup = redis ? redisEventWakeup(redis) : postgresEventWakeup(db, poolSettings, logger);

  const hasher = await createPasswordHasher({
    library: config.passwords.hasher,
    parameters: config.passwords,
    concurrency: config.passwords.concurrency,
    maxWaiting: config.passwords.queueMax,
  });
  if (hasher.fallbackCause) logger.warn('the faster Argon2 library can not be loaded; using the other', { library: hasher.library, error: hasher.fallbackCause });
  const mailbox = config.mail.smtpUrl ? undefined : developmentMailbox(join(config.dataDir, 'mailbox'), clock);
  const capabilities = composeCapabilities({
    config,
    masterKey,
    db,
    wakeup,
    hasher,
    breached: await readBreachedPasswords(),
    mailTransport: mailTransportOf(config, mailbox),
    clock,
    logger,
  });
  const { feed, keyRing } = capabilities;
  await capabilities.foundFirstOrganisation(config.profile === 'production' ? { slug: 'default', name: 'Default' } : { slug: 'dev', name: 'Development' });
  await capabilities.maintain();
  await feed.start();
  opened.push(() => feed.stop());

  const metrics = createMetrics({ processMetrics: config.profile !== 'test' });
  const drainState = createDrainState();
  const app = await createHost({
    config,
    logger,
    metrics,
    clock,
    drainState,
    jwks: () => keyRing.jwks(),
    readiness: {
      database: async () => void (await pool.query('select 1')),
      redis: redis ? async () => void (await redis.ping()) : 'not configured',
      migrations: async () => {
        if ((await pending(pool)).length > 0) throw new Error('migrations are pending');
      },
    },
    ...(options.pagesFolder === undefined ? {} : { pagesFolder: options.pagesFolder }),
  });
  opened.push(() => app.close());

  const cookie = createSessionCookie({ secure: config.sessions.cookieSecure });
  const credentials = createCredentialReader({ cookie, allowedOrigins: http.allowedOrigins });
  const { authenticate, useCases, sessions } = capabilities;
  const yoga = createGraphql({ useCases, prisma: db.prisma, authenticate, credentials, cookie, config: config.graphql, logger, clock });
  await registerGraphqlHttp(app, yoga);
  if (mailbox) serveDevelopmentMailbox(app, mailbox);

  const registry = createSocketRegistry({ findEnded: (ids, now) => sessions.findEnded(ids, now), clock, logger });
  const trusted = proxyAddress.compile([...http.trustProxy]);
  const clientAddress = (request: IncomingMessage) => proxyAddress(request, trusted);
  const closeSockets = registerGraphqlWs(app.server, { yoga, authenticate, credentials, registry, maskError: createErrorMask(logger), clientAddress, logger });
  feed.listen((event) => {
    if (event.type === 'session.revoked' && event.sessionId) registry.sessionEnded(event.sessionId);
  });
  registry.start();

  declareGauges(metrics, { pool, hasher, registry });
  const worker = await startJobWorker({
    pool: createPool({ ...poolSettings, max: jobConnections }, logger), sealer: capabilities.jobSealer, handlers: capabilities.handlers, logger });
  opened.push(() => worker.stop());
  const stopMaintenance = startMaintenance(capabilities.maintain, logger);

  const drain = createDrain({
    app,
    drainState,
    logger,
    graceSeconds: http.shutdownGraceSeconds,
    beforeHttp: [
      { name: 'sockets', close: closeSockets },
      { name: 'socket sweep', close: () => registry.stop() },
    ],
    afterHttp: [
      { name: 'maintenance', close: stopMaintenance },
      { name: 'jobs', close: () => worker.stop() },
      { name: 'event feed', close: () => feed.stop() },
      { name: 'redis', close: () => void redis?.disconnect() },
      { name: 'database', close: () => db.close() },
    ],
  });
  const url = await listen(app, http);
  return {
    url,
    mailbox,
    drain,
    firstAdminLink: async () => {
      const token = await capabilities.issueBootstrapToken();
      return token && `${new URL('/setup', http.publicUrl).href}#token=${token.reveal()}`;
    },
  };
}

function mailTransportOf(config: Config, mailbox: DevelopmentMailbox | undefined): MailTransport {
  if (mailbox) return mailbox;
  const { smtpUrl, from } = config.mail;
  if (!smtpUrl) throw new Error('there is neither a mail server nor a development mailbox');
  return smtpTransport({ url: smtpUrl, from, messageIdHost: config.http.publicUrl.hostname });
}
