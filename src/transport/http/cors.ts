import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '#platform/config/config.ts';

const methods = 'GET, POST, OPTIONS';
const requestHeaders =
  'authorization, content-type, dpop, graphql-require-preflight, idempotency-key, traceparent, x-challenge-response, x-device-id, x-request-id';
const exposedHeaders = 'dpop-nonce, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id';
const preflightSeconds = '600';

function pathOf(url: string): string {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
}

/**
 * Cross-origin reading by an exact allow-list (Fetch, 3.2): never a wildcard, never the `null` origin of sandboxed frames,
 * no matching by suffix. An origin that is not listed gets no CORS headers, so its browser keeps the answer from it.
 */
export function allowOrigins(app: FastifyInstance, paths: readonly string[], currentHttp: () => HttpConfig): void {
  const covered = new Set(paths);
  app.addHook('onRequest', (request, reply, done) => {
    if (!covered.has(pathOf(request.url))) return done();
    // Also without an Origin: a cache must not hand one origin's answer to another.
    reply.raw.setHeader('vary', 'Origin');
    const { origin, 'access-control-request-method': asked, 'access-control-request-headers': askedHeaders } = request.headers;
    const allowed = origin !== undefined && currentHttp().allowedOrigins.includes(origin);
    if (allowed) {
      reply.raw.setHeader('access-control-allow-origin', origin);
      reply.raw.setHeader('access-control-allow-credentials', 'true');
      reply.raw.setHeader('access-control-expose-headers', exposedHeaders);
    }
    if (request.method !== 'OPTIONS' || asked === undefined) return done();
    if (allowed) {
      reply.raw.setHeader('access-control-allow-methods', methods);
      if (askedHeaders !== undefined) reply.raw.setHeader('access-control-allow-headers', requestHeaders);
      reply.raw.setHeader('access-control-max-age', preflightSeconds);
    }
    reply.code(204).send();
  });
}
