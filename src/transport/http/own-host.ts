import type { FastifyInstance } from 'fastify';
import type { HttpConfig } from '#platform/config/config.ts';
import { MalformedRequestError } from './http.errors.ts';

const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Whether a Host header names this machine by a name that leads to no other. */
function isLoopback(host: string | undefined): boolean {
  return host !== undefined && loopbackHost.test(host);
}

/**
 * Whether a request was meant for this deployment: a page of an attacker whose name was made to lead here (DNS rebinding)
 * shows by the Host that its browser sends.
 */
export function isOwnHost(host: string | undefined, publicUrl: URL): boolean {
  return isLoopback(host) || host?.toLowerCase() === publicUrl.host;
}

/**
 * For development: whoever opens a page by another name of this machine is sent on to PUBLIC_URL. To a browser the other
 * name is another origin, whose cookie could sign in and then do nothing.
 */
export function redirectToPublicUrl(app: FastifyInstance, currentHttp: () => HttpConfig): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, method, url } = request;
    if (method !== 'GET' || !(headers.accept ?? '').includes('text/html')) return done();
    const { publicUrl } = currentHttp();
    // Port 0 stands for one that was not known when the URL was made.
    const elsewhere = isLoopback(headers.host) && headers.host?.toLowerCase() !== publicUrl.host && publicUrl.port !== '0';
    if (!elsewhere || !url.startsWith('/')) return done();
    reply.header('cache-control', 'no-store').redirect(`${publicUrl.origin}${url}`, 307);
  });
}

/** A request with two Hosts is read differently by whoever stands before us: it is refused (RFC 9112, 3.2). */
export function refuseTwoHosts(app: FastifyInstance): void {
  app.addHook('onRequest', ({ raw: { rawHeaders } }, _reply, done) => {
    let hosts = 0;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index];
      if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    }
    done(hosts > 1 ? new MalformedRequestError() : undefined);
  });
}
