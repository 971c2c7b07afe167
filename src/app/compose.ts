import type { IncomingMessage } from 'node:http';
import proxyAddress from '@fastify/proxy-addr';
import { introspectionDoor, revocationDoor } from '#capabilities/sessions/sessions.rest.ts';
import { type Clock, type SteadyClock, steadyClock, systemClock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Config } from '#platform/config/config.ts';
import { createPool } from '#platform/db/index.ts';
import { pending } from '#platform/db/migrate/index.ts';
import { startJobWorker } from '#platform/jobs/index.ts';
import type { DevelopmentMailbox } from '#platform/mail/index.ts';
import { type EventLoopLag, watchEventLoopLag } from '#platform/observability/event-loop-lag.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createClientReader } from '#transport/graphql/client-facts.ts';
import { createCredentialReader } from '#transport/graphql/credentials.ts';
import { createGraphql, graphqlPath, registerGraphqlHttp } from '#transport/graphql/http-door.ts';
import { createErrorMask } from '#transport/graphql/mask-error.ts';
import { createOpenConnections } from '#transport/graphql/open-connections.ts';
import { createDeviceCookie, createSessionCookie } from '#transport/graphql/session-cookie.ts';
import { createSocketRegistry } from '#transport/graphql/socket-registry.ts';
import { registerGraphqlWs } from '#transport/graphql/ws-door.ts';
import { createDrain, type ExitCode } from '#transport/http/drain.ts';
import { createDrainState } from '#transport/http/drain-state.ts';
import { serveFormDoor } from '#transport/http/form-door.ts';
import { createHost } from '#transport/http/host.ts';
import { createAdmission } from '#transport/http/load-shedding.ts';
import { serveDevelopmentMailbox } from '#transport/http/mailbox-route.ts';
import { createRawAnswer } from '#transport/http/raw-answer.ts';
import { createSecurityHeaders } from '#transport/http/security-headers.ts';
import { countCacheReads, declareGauges } from './gauges.ts';
import { countLimits } from './limit-metrics.ts';
import { listen } from './listen.ts';
import { startMaintenance } from './maintenance.ts';
import { openProduct } from './open-product.ts';
import { openRegisteredOperations } from './registered-operations.ts';

export interface NodeOptions {
  readonly config: Config;
  readonly databaseUrl: Secret<string>;
  readonly masterKey: Secret<Buffer>;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly monotonicMs?: () => number;
  /** Told what is being done, for whoever waits at a terminal. */
  readonly progress?: (line: string) => void;
  /** The folder of the built pages. */
  readonly pagesFolder?: string;
  readonly eventLoopLag?: EventLoopLag;
}

export interface RunningNode {
  /** Where it listens. */
  readonly url: string;
  /** A link that makes the first administrator; null once there is one. Earlier links stay good beside it. */
  firstAdminLink(): Promise<string | null>;
  readonly mailbox: DevelopmentMailbox | undefined;
  /** Does at once what is otherwise done every minute: see capabilities.ts. */
  maintain(): Promise<void>;
  /** Takes the node out of service: see drain.ts. */
  drain(reason: string): Promise<ExitCode>;
}

/** Of the job worker: one that listens, one for each job that runs, and one to spare. */
const jobConnections = 6;

/**
 * Builds one node out of its parts and brings it into service: product, event feed, doors, jobs. Throws StartupError for
 * what the operator can mend; whatever was opened by then is closed again.
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
  const { config, logger, monotonicMs = () => performance.now(), progress = () => {} } = options;
  const clock = steadyClock(options.clock ?? systemClock);
  const { http } = config;
  const registered = await openRegisteredOperations(config.graphql);
  const product = await openProduct({ ...options, clock, monotonicMs, progress, opened });
  const { poolSettings, pool, db, redis, cache, proofs, hasher, mailbox, capabilities } = product;
  const { feed, keyRing, authenticate, useCases, sessions } = capabilities;
  await capabilities.followFeed();
  opened.push(() => feed.stop());

  const metrics = createMetrics({ processMetrics: config.profile !== 'test' });
  const drainState = createDrainState();
  const eventLoopLag = options.eventLoopLag ?? watchEventLoopLag();
  const admission = createAdmission({ limits: config.load, lag: eventLoopLag, logger });
  const revocation = revocationDoor(capabilities.revokeToken);
  const app = await createHost({
    config,
    crossOriginPaths: [graphqlPath, revocation.path],
    logger,
    metrics,
    // As it is: readiness also tells that the clock went back.
    clock: options.clock ?? systemClock,
    drainState,
    eventLoopLag,
    admission,
    jwks: () => keyRing.jwks(),
    admitRequest: capabilities.limits.admitRequest,
    readiness: {
      database: async () => void (await pool.query('select 1')),
      // Where every node is without Redis, none of them would be left to serve.
      redis: redis ? { optional: async () => void (await redis.run((client) => client.ping())) } : 'not configured',
      clock: async () => assertNotBehind(clock),
      migrations: async () => {
        if ((await pending(pool)).length > 0) throw new Error('migrations are pending');
      },
    },
    ...(options.pagesFolder === undefined ? {} : { pagesFolder: options.pagesFolder }),
  });
  opened.push(() => app.close());

  const cookie = createSessionCookie({ secure: config.sessions.cookieSecure });
  const deviceCookie = createDeviceCookie({ secure: config.sessions.cookieSecure });
  const credentials = createCredentialReader({ cookie, allowedOrigins: http.allowedOrigins });
  const graphql = createGraphql({
    useCases,
    prisma: db.prisma,
    authenticate,
    proofs,
    credentials,
    cookie,
    deviceCookie,
    readClient: createClientReader(deviceCookie),
    config: config.graphql,
    registered,
    logger,
    clock,
  });
  await registerGraphqlHttp(app, graphql, { graphiql: config.graphql.graphiql, metrics });
  await serveFormDoor(app, revocation);
  const { introspectToken } = capabilities;
  await serveFormDoor(app, introspectionDoor({ introspectToken, authenticate, credentialOf: credentials.readAuthorization }));
  if (mailbox) serveDevelopmentMailbox(app, mailbox, http.publicUrl);

  const registry = createSocketRegistry({ findEnded: (ids, now) => sessions.findEnded(ids, now), clock, logger });
  const connections = createOpenConnections({ authenticate, logger });
  const trusted = proxyAddress.compile([...http.trustProxy]);
  const clientAddress = (request: IncomingMessage) => proxyAddress(request, trusted);
  const maskError = createErrorMask(logger, { http: false });
  const closeSockets = registerGraphqlWs(app.server, {
    yoga: graphql.yoga,
    registered,
    authenticate,
    credentials,
    registry,
    connections,
    maskError,
    clientAddress,
    answerRaw: createRawAnswer(createSecurityHeaders(() => http)),
    admission,
    admitRequest: capabilities.limits.admitRequest,
    logger,
  });
  feed.listen((event) => {
    if (event.type === 'session.revoked' && event.sessionId) registry.sessionEnded(event.sessionId);
    if (event.type === 'session_policy.applied' && event.organisationId && event.data['bound'])
      connections.recheck(event.organisationId);
  });
  registry.start();

  countCacheReads(metrics, cache);
  countLimits(metrics, capabilities.limits.listenToLimits);
  const { sessionCache, accessTokens } = capabilities;
  declareGauges(metrics, { pool, hasher, registry, redis, sessionCache, accessTokens });
  const worker = await startJobWorker({
    pool: createPool({ ...poolSettings, max: jobConnections }, logger),
    sealer: capabilities.jobSealer,
    handlers: capabilities.handlers,
    logger,
  });
  opened.push(() => worker.stop());
  const stopMaintenance = startMaintenance(capabilities.maintain, logger);
  opened.push(stopMaintenance);

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
      { name: 'cache', close: () => cache.close() },
      { name: 'redis', close: () => void redis?.close() },
      { name: 'database', close: () => db.close() },
    ],
  });
  return {
    url: await listen(app, http),
    mailbox,
    maintain: capabilities.maintain,
    drain,
    firstAdminLink: () => firstAdminLink(capabilities, http.publicUrl),
  };
}

// A step of this size is no correction of drift: nodes that are right would take our tokens for some from the future.
const mostBehindMs = 2_000;

function assertNotBehind(clock: SteadyClock): void {
  const behindMs = clock.behindMs();
  if (behindMs > mostBehindMs) throw new Error(`the system clock went back by ${behindMs} ms; time stands still until then`);
}

/** The one-time link by which the first administrator comes in; null once there is an owner. */
export async function firstAdminLink(
  { issueBootstrapToken }: Pick<Awaited<ReturnType<typeof openProduct>>['capabilities'], 'issueBootstrapToken'>,
  publicUrl: URL,
): Promise<string | null> {
  const token = await issueBootstrapToken();
  return token && `${new URL('/setup', publicUrl).href}#token=${token.reveal()}`;
}
