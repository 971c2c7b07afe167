import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

export const jwksPath = '/.well-known/jwks.json';

export interface JwksRoute {
  /** The public keys, as a JSON Web Key Set (RFC 7517, 5). */
  readonly jwks: () => Promise<object>;
  /** At most half the time for which a new key is published before it signs. */
  readonly maxAgeSeconds: number;
}

/** Whether one of the entity tags of an If-None-Match header is `etag` (RFC 9110, 13.1.2: compared weakly). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((entry) => ['*', etag].includes(entry.trim().replace(/^W\//, '')));
}

/**
 * The key set for verifiers, cacheable: they ask again after `maxAgeSeconds` and mostly get a 304. For half as long again a
 * cache in between may answer with what it has while it asks (RFC 5861, 3), so that no verifier waits.
 */
export function serveJwks(app: FastifyInstance, { jwks, maxAgeSeconds }: JwksRoute): void {
  const staleSeconds = Math.floor(maxAgeSeconds / 2);
  const cacheControl = `public, max-age=${maxAgeSeconds}, stale-while-revalidate=${staleSeconds}`;
  app.get(jwksPath, async (request, reply) => {
    // As bytes: to a text Fastify adds a charset, which this media type does not define.
    const body = Buffer.from(JSON.stringify(await jwks()));
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.header('etag', etag).header('cache-control', cacheControl);
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.header('content-type', 'application/jwk-set+json').send(body);
  });
}
