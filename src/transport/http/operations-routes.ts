import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ForbiddenError, UnauthenticatedError } from '#kernel/errors.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Metrics } from '#platform/observability/metrics.ts';
import type { ReadinessReport } from './readiness.ts';

/** `/health/live`: the process answers. `/health/ready`: it should get traffic, with the outcome of every check. */
export function serveHealth(app: FastifyInstance, readiness: () => Promise<ReadinessReport>): void {
  app.get('/health/live', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'live' }));
  app.get('/health/ready', async (_request, reply) => {
    const report = await readiness();
    return reply
      .code(report.status === 'ready' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report);
  });
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * Judged by the connection alone: a forwarding header can be written by anyone, so it never opens this door. It does close
 * it: a request that carries one came through a proxy on this machine, from somewhere else.
 */
function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  if ('x-forwarded-for' in headers || 'forwarded' in headers || 'x-real-ip' in headers) return false;
  const { remoteAddress } = socket;
  if (remoteAddress === undefined) return false;
  return loopback.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** `/metrics` for Prometheus. With a token: for its bearer alone. Without: for this machine alone. */
export function serveMetrics(app: FastifyInstance, metrics: Metrics, token: Secret<string> | undefined): void {
  // Digests have one length, so the comparison says nothing about that of the token either.
  const expected = token === undefined ? undefined : digest(`Bearer ${token.reveal()}`);
  app.get('/metrics', async (request, reply) => {
    if (expected === undefined) {
      if (!isFromThisMachine(request)) throw new ForbiddenError();
    } else if (!timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) {
      reply.header('www-authenticate', 'Bearer realm="metrics"');
      throw new UnauthenticatedError();
    }
    const { text, contentType } = await metrics.collect();
    return reply.header('cache-control', 'no-store').header('content-type', contentType).send(text);
  });
}
