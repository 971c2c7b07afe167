import type { FastifyBaseLogger } from 'fastify';
import type { Logger } from '#platform/observability/logger.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';

/** Fastify's line about the address that it bound, which looks like the one to open in a browser and is not. */
function isAddress(line: unknown): line is string {
  return typeof line === 'string' && line.startsWith('Server listening at ');
}

/** Fastify's own lines (its calls look like Pino's: fields first, then the message) through the product's logger. */
export function toFastifyLogger(logger: Logger, level: FastifyBaseLogger['level'] = 'info'): FastifyBaseLogger {
  const at = (to: Level) => (first: unknown, second?: unknown) => {
    if (typeof first === 'string') return logger[to](first);
    const message = typeof second === 'string' ? second : first instanceof Error ? first.message : 'fastify';
    if (first instanceof Error) return logger[to](message, { error: first });
    return logger[to](message, typeof first === 'object' && first !== null ? { ...first } : {});
  };
  return {
    level,
    trace: at('debug'),
    debug: at('debug'),
    info: (first: unknown, second?: unknown) => (isAddress(first) ? at('debug')(first) : at('info')(first, second)),
    warn: at('warn'),
    error: at('error'),
    fatal: at('error'),
    silent: () => {},
    child: (bindings) => toFastifyLogger(logger.child(bindings), level),
  };
}
