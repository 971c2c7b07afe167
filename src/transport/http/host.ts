import { resolve } from 'node:path';
import Fastify, { type FastifyInstance, LogController } from 'fastify';
import type { AdmitRequest } from '#capabilities/limits/index.ts';
import { type Clock, systemClock } from '#kernel/clock.ts';
import type { Config, HttpConfig } from '#platform/config/config.ts';
import { correlationIdOf } from '#platform/observability/correlation.ts';
import { type EventLoopLag, watchEventLoopLag } from '#platform/observability/event-loop-lag.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import { createClientErrorAnswer } from './client-errors.ts';
import { allowOrigins } from './cors.ts';
import { createDrainState, type DrainState } from './drain-state.ts';
import { handleErrors, sendProblem, toPublicError } from './error-handler.ts';
import { toFastifyLogger } from './fastify-logger.ts';
import { jwksPath, serveJwks } from './jwks-route.ts';
import { type Admission, createAdmission, shedLoad } from './load-shedding.ts';
import { serveHealth, serveMetrics } from './operations-routes.ts';
import { redirectToPublicUrl, refuseTwoHosts } from './own-host.ts';
import { servePages } from './pages.ts';
import { createRawAnswer } from './raw-answer.ts';
import { createReadiness, type ReadinessChecks } from './readiness.ts';
import { limitRequests } from './request-limit.ts';
import { correlateRequests, recordRequests } from './request-record.ts';
import { createSecurityHeaders } from './security-headers.ts';

export interface HostOptions {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** What must answer before this node gets traffic. `eventLoop` is added here. */
  readonly readiness: ReadinessChecks;
  readonly jwks: () => Promise<object>;
  /** Counts each request of a network; absent: none is counted. */
  readonly admitRequest?: AdmitRequest;
  /** Paths that other allowed origins may call, besides the key set. */
  readonly crossOriginPaths?: readonly string[];
  /** The folder of the built pages. */
  readonly pagesFolder?: string;
  /** The HTTP settings as they are now: the public URL may only be known once a free port is bound. */
  readonly currentHttp?: () => HttpConfig;
  readonly drainState?: DrainState;
  readonly eventLoopLag?: EventLoopLag;
  /** Whether there is room for a request; without it the limits of the configuration say so. */
  readonly admission?: Admission;
  readonly clock?: Clock;
}

/** An event loop that is late by this much in the median can't answer in time; traffic should go to another node. */
const mostLagMs = 500;
const longestParameter = 128;
/** An answer that was silent for this long has been given up by whoever asked. WebSockets lift it for themselves. */
const silentConnectionMs = 120_000;
/** How long the head of a request may take, however long a slow body may. */
const mostHeadMs = 60_000;
/** How often Node looks for requests that take longer than `requestTimeoutMs`. */
const timeoutCheckMs = 2_000;
const longestJwksAgeSeconds = 300;
/** For machines that watch us, and fixed answers that caches keep. */
const uncountedRoutes = ['/health/live', '/health/ready', '/metrics', jwksPath];

/**
 * The HTTP server without its API: correlation, access log, problem documents, security headers, CORS, health, metrics, key
 * set and pages. Doors are added by `app.register(...)` or `app.route(...)` before `app.listen(...)`.
 */
export async function createHost(options: HostOptions): Promise<FastifyInstance> {
  const { config, logger, metrics, clock = systemClock, drainState = createDrainState() } = options;
  const { http } = config;
  const currentHttp = options.currentHttp ?? (() => http);
  const securityHeaders = createSecurityHeaders(currentHttp);
  const lag = options.eventLoopLag ?? watchEventLoopLag();
  const fastifyLogger = toFastifyLogger(logger);

  const app = Fastify({
    loggerInstance: fastifyLogger,
    // Lines find their correlation id by themselves; a child logger for each request would only cost.
    childLoggerFactory: () => fastifyLogger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => correlationIdOf(headers),
    requestIdHeader: false,
    trustProxy: http.trustProxy.length === 0 ? false : [...http.trustProxy],
    bodyLimit: http.bodyLimitBytes,
    requestTimeout: http.requestTimeoutMs,
    keepAliveTimeout: http.keepAliveTimeoutMs,
    connectionTimeout: Math.max(silentConnectionMs, http.keepAliveTimeoutMs),
    http: {
      connectionsCheckingInterval: timeoutCheckMs,
      // Fastify sets it on the server that is made already, which Node 24 then does not ask for bodies: they could dribble on.
      requestTimeout: http.requestTimeoutMs,
      // Node takes the larger of the two for the whole request, and its own limit for the head would be the larger one.
      headersTimeout: Math.min(mostHeadMs, http.requestTimeoutMs),
    },
    routerOptions: { maxParamLength: longestParameter },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // What is in flight when draining begins is answered, also when it comes on a connection that was open before.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: createClientErrorAnswer(createRawAnswer(securityHeaders)),
    frameworkErrors: (error, request, reply) => {
      securityHeaders.apply(reply.raw);
      reply.raw.setHeader('x-request-id', request.id);
      sendProblem(toPublicError(error), request, reply);
    },
  });
  // A form or a script of another site can send text/plain without a preflight; no door here reads it.
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', (_request, reply, done) => {
    securityHeaders.apply(reply.raw);
    if (drainState.isDraining()) reply.raw.setHeader('connection', 'close');
    done();
  });
  app.addHook('onResponse', (_request, _reply, done) => {
    // A connection whose request began before draining was not told to close; it is idle in a moment.
    if (drainState.isDraining()) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
  correlateRequests(app);
  refuseTwoHosts(app);
  if (config.profile !== 'production') redirectToPublicUrl(app, currentHttp);
  recordRequests(app, logger, metrics);
  handleErrors(app, logger);
  // After the headers of CORS, so that a page of another origin can read the refusal.
  allowOrigins(app, [jwksPath, ...(options.crossOriginPaths ?? ['/graphql'])], currentHttp);
  shedLoad(app, options.admission ?? createAdmission({ limits: config.load, lag, logger }));

  // After CORS, whose headers let a page read that it was refused.
  if (options.admitRequest) limitRequests(app, options.admitRequest, uncountedRoutes);

  const checks: ReadinessChecks = { ...options.readiness, eventLoop: async () => assertPunctual(lag) };
  serveHealth(app, createReadiness({ checks, logger, clock, isDraining: drainState.isDraining }));
  serveMetrics(app, metrics, config.metricsToken);
  const maxAgeSeconds = Math.min(longestJwksAgeSeconds, Math.floor(config.tokens.signingKeyOverlapSeconds / 2));
  serveJwks(app, { jwks: options.jwks, maxAgeSeconds });
  await servePages(app, resolve(options.pagesFolder ?? 'web/dist'));
  app.addHook('onClose', async () => lag.stop());
  return app;
}

function assertPunctual(lag: EventLoopLag): void {
  const lagMs = lag.readMs();
  if (lagMs > mostLagMs) throw new Error(`the event loop is ${Math.round(lagMs)} ms late`);
}
