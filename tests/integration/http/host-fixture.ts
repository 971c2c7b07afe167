import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { loadConfig, type RawEnvironment } from '#platform/config/load.ts';
import { createMetrics } from '#platform/observability/metrics.ts';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { createHost, type HostOptions } from '#transport/http/host.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

export interface HostFixture {
  readonly app: FastifyInstance;
  readonly port: number;
  /** Moves the clock of the readiness cache. */
  advance(ms: number): void;
  /** The log lines since the last call. */
  logLines(): Record<string, unknown>[];
  call(path: string, options?: RequestOptions & { readonly body?: string }): Promise<Answer>;
  /** Sends bytes as they are and reads until the other side closes. */
  raw(bytes: string): Promise<string>;
}

export interface HostFixtureOptions extends Partial<HostOptions> {
  readonly environment?: RawEnvironment;
  /** Adds routes before the host listens. */
  readonly routes?: (app: FastifyInstance) => void;
}

/** A host on a free port, spoken to through real connections. Close it by `app.close()`. */
export async function startHost({ environment = {}, routes, ...overrides }: HostFixtureOptions = {}): Promise<HostFixture> {
  const log = new PassThrough();
  let now = Date.UTC(2026, 0, 1);
  const app = await createHost({
    config: loadConfig({ PORT: '0', ...environment }),
    logger: createLogger({ level: 'debug', format: 'json', stream: log }),
    metrics: createMetrics({ processMetrics: false }),
    readiness: {},
    jwks: async () => ({ keys: [] }),
    pagesFolder: '/nonexistent',
    eventLoopLag: { readMs: () => 0, stop: () => {} },
    clock: { now: () => new Date(now) },
    ...overrides,
  });
  routes?.(app);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  return {
    app,
    port,
    advance: (ms) => {
      now += ms;
    },
    logLines: () =>
      String(log.read() ?? '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    call: (path, options) => call(port, path, options),
    raw: (bytes) => raw(port, bytes),
  };
}

async function call(
  port: number,
  path: string,
  { body, ...options }: RequestOptions & { readonly body?: string } = {},
): Promise<Answer> {
  const request = httpRequest({ host: '127.0.0.1', port, path, agent: false, ...options });
  const answered = once(request, 'response');
  // A server may answer before it has read a body that it refuses.
  request.on('error', () => {});
  request.end(body);
  const [response] = await answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return { status: response.statusCode, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
}

async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.on('error', () => {});
  socket.write(bytes);
  let text = '';
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}
