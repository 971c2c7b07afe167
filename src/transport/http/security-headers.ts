import type { ServerResponse } from 'node:http';
import type { HttpConfig } from '#platform/config/config.ts';

const hstsSeconds = 63_072_000;

/** For our own pages: nothing inline, nothing from elsewhere, never in a frame (Content Security Policy Level 3). */
function contentSecurityPolicy(publicUrl: URL): string {
  const socketOrigin = `${publicUrl.protocol === 'https:' ? 'wss' : 'ws'}://${publicUrl.host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    // Some browsers do not count WebSockets of the same origin as 'self'.
    `connect-src 'self' ${socketOrigin}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function headersFor({ publicUrl }: HttpConfig): readonly (readonly [string, string])[] {
  return [
    ['content-security-policy', contentSecurityPolicy(publicUrl)],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()'],
    ...(publicUrl.protocol === 'https:'
      ? ([['strict-transport-security', `max-age=${hstsSeconds}; includeSubDomains`]] as const)
      : []),
  ];
}

/**
 * Puts the security headers on every answer, also on those that are written past Fastify. A route that needs another value,
 * such as a looser policy for GraphiQL, sets that header on its reply: the reply wins.
 */
export function createSecurityHeaders(currentHttp: () => HttpConfig): (response: ServerResponse) => void {
  let madeFor: HttpConfig | undefined;
  let headers: ReturnType<typeof headersFor> = [];
  return (response) => {
    const http = currentHttp();
    if (http !== madeFor) {
      headers = headersFor(http);
      madeFor = http;
    }
    for (const [name, value] of headers) response.setHeader(name, value);
  };
}
