import type { FastifyInstance } from 'fastify';
import type { AdmitRequest, RequestAdmission } from '#capabilities/limits/index.ts';
import { RateLimitedError } from '#kernel/errors.ts';

/** For machines that watch us, and for what a proxy or browser keeps: their routes are cheap and fixed. */
function isExempt(route: string | undefined, exempt: ReadonlySet<string>): boolean {
  return route !== undefined && (exempt.has(route) || route.startsWith('/assets/'));
}

/**
 * Counts each request of a network before its body is read, and answers 429 with Retry-After over the limit. Every counted
 * answer tells how much is left (draft-ietf-httpapi-ratelimit-headers-11): `RateLimit-Policy` has all limits, `RateLimit`
 * the one with the least left.
 */
export function limitRequests(app: FastifyInstance, admit: AdmitRequest, exemptRoutes: readonly string[]): void {
  const exempt = new Set(exemptRoutes);
  // The same for everybody as long as the process runs.
  let policies: string | undefined;
  app.addHook('onRequest', (request, reply, done) => {
    if (isExempt(request.routeOptions.url, exempt)) return done();
    const admission = admit({
      ipAddress: request.ip,
      userAgent: request.headers['user-agent'] ?? '',
      correlationId: request.id,
    });
    policies ??= policyHeader(admission);
    reply.raw.setHeader('ratelimit-policy', policies);
    reply.raw.setHeader('ratelimit', limitHeader(admission));
    if (admission.admitted) return done();
    done(new RateLimitedError(admission.retryAfterSeconds));
  });
}

/** A List of Items of Structured Fields (RFC 9651): a String with the parameters `q`, quota, and `w`, window in seconds. */
function policyHeader({ limits }: RequestAdmission): string {
  return limits.map(({ policy, limit, windowSeconds }) => `"${policy}";q=${limit};w=${windowSeconds}`).join(', ');
}

/** `r` is what remains. `t`, in seconds, is when there is room again; the same moment as Retry-After. */
function limitHeader({ limits, admitted, retryAfterSeconds }: RequestAdmission): string {
  const [first] = limits;
  if (first === undefined) return '';
  const least = limits.reduce((a, b) => (b.remaining < a.remaining ? b : a), first);
  const resetSeconds = admitted ? least.windowSeconds : retryAfterSeconds;
  return `"${least.policy}";r=${admitted ? least.remaining : 0};t=${resetSeconds}`;
}
