import type { FastifyInstance } from 'fastify';
import { runWithCorrelation } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { Metrics } from '#platform/observability/metrics.ts';

/** Probes call every few seconds; their lines are for debugging only. */
export const probeRoutes: ReadonlySet<string> = new Set(['/health/live', '/health/ready', '/metrics']);

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Everything that a request does runs under its correlation id, which the answer also names. */
export function correlateRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.setHeader('x-request-id', request.id);
    runWithCorrelation(request.id, done);
  });
  // The body arrives in events of the connection, which run outside what onRequest opened.
  app.addHook('preValidation', (request, _reply, done) => {
    runWithCorrelation(request.id, done);
  });
}

/** One line and one observation for each request. The route's pattern stands for the URL, whose query may hold anything. */
export function recordRequests(app: FastifyInstance, logger: Logger, metrics: Metrics): void {
  const durations = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the end of its answer.',
    labels: ['method', 'route', 'status_class'],
    buckets,
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unmatched';
    const { statusCode, elapsedTime } = reply;
    durations.observe(elapsedTime / 1000, {
      method: request.method,
      route,
      status_class: `${Math.floor(statusCode / 100)}xx`,
    });
    const fields = {
      method: request.method,
      route,
      status: statusCode,
      durationMs: Math.round(elapsedTime * 1000) / 1000,
      correlationId: request.id,
    };
    if (probeRoutes.has(route)) logger.debug('request', fields);
    else logger.info('request', fields);
    done();
  });
}
