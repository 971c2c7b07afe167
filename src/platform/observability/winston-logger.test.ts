import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runWithCorrelation } from './correlation.ts';
import { createLogger, type LoggerOptions } from './winston-logger.ts';

const clock = { now: () => new Date('2026-01-02T03:04:05.678Z') };

function capture(options: Partial<LoggerOptions> = {}) {
  const stream = new PassThrough();
  const logger = createLogger({ level: 'info', format: 'json', stream, clock, ...options });
  const text = () => String(stream.read() ?? '');
  return { logger, text, json: (): unknown => JSON.parse(text()) };
}

describe('createLogger', () => {
  it('writes one JSON object a line', () => {
    const { logger, text } = capture();
    logger.info('started', { port: 4000 });
    logger.warn('slow');
    expect(text()).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","level":"info","message":"started","port":4000}\n' +
        '{"time":"2026-01-02T03:04:05.678Z","level":"warn","message":"slow"}\n',
    );
  });

  it('puts the correlation id on every line below it', async () => {
    const { logger, json } = capture();
    await runWithCorrelation('correlation-1', async () => {
      await null;
      logger.child({ part: 'mail' }).info('sent');
    });
    expect(json()).toMatchObject({ message: 'sent', correlationId: 'correlation-1', part: 'mail' });
  });

  it('leaves out what is below the level, and everything when silent', () => {
    const { logger, text } = capture({ level: 'warn' });
    logger.info('no');
    logger.debug('no');
    logger.error('yes');
    expect(text()).toMatch(/^[^\n]*"yes"[^\n]*\n$/);
    const silent = capture({ level: 'silent' });
    silent.logger.child({ a: 1 }).error('no');
    expect(silent.text()).toBe('');
  });

  it('keeps its own names from being overwritten by fields', () => {
    const { logger, json } = capture();
    logger.info('true message', { message: 'forged', level: 'error', time: 'never', a: 1 });
    expect(json()).toEqual({ time: '2026-01-02T03:04:05.678Z', level: 'info', message: 'true message', a: 1 });
  });

  it.each(['json', 'pretty'] as const)('lets no value forge a line or steer a terminal (%s)', (format) => {
    const { logger, text } = capture({ format });
    logger.info('hello\n{"level":"error"}', {
      name: 'x\r\n2026 ERROR forged \u001b[2J',
      '\u001b[31mkey': 'y',
      nested: { a: '\n' },
    });
    const written = text();
    expect(written.trimEnd()).not.toMatch(/[\p{Cc}\u2028]/u);
    expect(written.endsWith('\n')).toBe(true);
  });

  it('shows an error and its causes on one readable line', () => {
    const { logger, text } = capture({ format: 'pretty' });
    logger.error('failed', { error: new Error('outer', { cause: new TypeError('inner') }) });
    expect(text()).toMatch(/^03:04:05\.678 ERROR failed error=Error: outer < at .*because of TypeError: inner.*\n$/);
  });
});
