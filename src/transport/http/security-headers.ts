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

/** What no page of ours uses; a script that got in can't ask for it either. */
const unusedFeatures = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
];

type HeaderList = readonly (readonly [name: string, value: string])[];

function headersFor({ publicUrl }: HttpConfig): HeaderList {
  return [
    ['content-security-policy', contentSecurityPolicy(publicUrl)],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'no-referrer'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-embedder-policy', 'require-corp'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', unusedFeatures.map((feature) => `${feature}=()`).join(', ')],
    // RFC 6797, 7.2: says nothing over plain HTTP.
    ...(publicUrl.protocol === 'https:'
      ? ([['strict-transport-security', `max-age=${hstsSeconds}; includeSubDomains`]] as const)
      : []),
  ];
}

export interface SecurityHeaders {
  /** Puts them on an answer. What a route sets on its reply, such as a policy with a nonce, wins. */
  apply(response: ServerResponse): void;
  /** The same for answers that are written as bytes. */
  list(): HeaderList;
}

/**
 * The headers by which a browser protects our pages, for every answer of every door, also those that are written past
 * Fastify. Made once for each state of the settings: see docs/adr/0008.
 */
export function createSecurityHeaders(currentHttp: () => HttpConfig): SecurityHeaders {
  let madeFor: HttpConfig | undefined;
  let headers: HeaderList = [];
  const list = () => {
    const http = currentHttp();
    if (http !== madeFor) {
      headers = headersFor(http);
      madeFor = http;
    }
    return headers;
  };
  return {
    list,
    apply: (response) => {
      for (const [name, value] of list()) response.setHeader(name, value);
    },
  };
}
