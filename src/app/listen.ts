import { once } from 'node:events';
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config, HttpConfig } from '#platform/config/config.ts';
import { withPort } from '#platform/config/load.ts';
import { StartupError } from '#platform/config/startup-error.ts';

const remedies: Readonly<Record<string, (http: HttpConfig) => string>> = {
  EADDRINUSE: ({ port }) => `Stop what uses port ${port}, or choose another: PORT=${port + 1} npm start`,
  EACCES: ({ port }) => `Port ${port} needs privileges here; choose one above 1023 with PORT.`,
  EADDRNOTAVAIL: () => 'HOST is no address of this machine; unset it or choose one that is.',
};

/** Begins to listen. Throws StartupError for a port or an address that can't be had. */
export async function listen(app: FastifyInstance, http: HttpConfig): Promise<string> {
  try {
    return await app.listen({ host: http.host, port: http.port });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const remedy = remedies[code];
    if (!remedy) throw cause;
    throw new StartupError(`cannot listen on ${http.host}:${http.port} (${code}).`, remedy(http), { cause });
  }
}

/**
 * With PORT=0 a port that is free now. It is chosen before anything is built, since links, the issuer of tokens and the
 * origin that cookies are accepted from follow from it.
 */
export async function withKnownPort(config: Config): Promise<Config> {
  if (config.http.port !== 0) return config;
  const probe = createServer().listen(0, config.http.host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? withPort(config, address.port) : config;
}
