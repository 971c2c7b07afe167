import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { toFastifyLogger } from './fastify-logger.ts';

describe('toFastifyLogger', () => {
  it('accepts fields before the message, errors alone, and texts', () => {
    const stream = new PassThrough();
    const fastify = toFastifyLogger(createLogger({ level: 'debug', format: 'json', stream }));
    fastify.info({ address: 'x' }, 'listening');
    fastify.error(new Error('boom'));
    fastify.child({ plugin: 'p' }).trace('quiet');
    fastify.fatal({ err: new Error('end'), password: 'hunter2' }, 'dying');
    const lines = String(stream.read()).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
      { level: 'info', message: 'listening', address: 'x' },
      { level: 'error', message: 'boom', error: { name: 'Error' } },
      { level: 'debug', message: 'quiet', plugin: 'p' },
      { level: 'error', message: 'dying', err: { message: 'end' }, password: '[redacted]' },
    ]);
  });
});
