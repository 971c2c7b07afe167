import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogFields } from '#platform/observability/logger.ts';
import { CircuitOpenError, createCircuitBreaker } from './circuit-breaker.ts';

class Refused extends Error {}

const lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
const write = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), child: () => logger };

const open = () =>
  createCircuitBreaker({
    name: 'redis',
    callTimeoutMs: 100,
    isOutage: (error) => !(error instanceof Refused),
    logger,
    failuresToOpen: 3,
    probeAfterMs: 1_000,
  });
type Breaker = ReturnType<typeof open>;

const away = () => Promise.reject(new Error('connection refused'));
const answers = () => Promise.resolve('PONG');
const fail = (breaker: Breaker) => expect(breaker.run(away)).rejects.toThrow('connection refused');
const failOpen = async (breaker: Breaker) => {
  for (let call = 0; call < 3; call += 1) await fail(breaker);
};

beforeEach(() => {
  lines.length = 0;
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a circuit breaker', () => {
  it('lets calls through, also those that the dependency refuses', async () => {
    const breaker = open();
    await expect(breaker.run(answers)).resolves.toBe('PONG');
    for (let call = 0; call < 9; call += 1)
      await expect(breaker.run(() => Promise.reject(new Refused()))).rejects.toThrow(Refused);
    expect(breaker.state()).toBe('closed');
  });

  it('opens after outages in a row, and no longer calls', async () => {
    const breaker = open();
    await fail(breaker);
    await fail(breaker);
    await breaker.run(answers);
    await failOpen(breaker);
    expect(breaker.state()).toBe('open');
    const call = vi.fn(answers);
    await expect(breaker.run(call)).rejects.toThrow(CircuitOpenError);
    await expect(breaker.run(call)).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503, retryAfterSeconds: 1 });
    expect(call).not.toHaveBeenCalled();
  });

  it('counts a call that takes too long as an outage', async () => {
    const breaker = open();
    for (let call = 0; call < 3; call += 1) {
      const hanging = breaker.run(() => new Promise(() => undefined));
      const outcome = expect(hanging).rejects.toThrow();
      await vi.advanceTimersByTimeAsync(100);
      await outcome;
    }
    expect(breaker.state()).toBe('open');
  });

  it('lets one call find out whether it can close, and refuses the others at once meanwhile', async () => {
    const breaker = open();
    await failOpen(breaker);
    vi.advanceTimersByTime(1_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = breaker.run(() => promise);
    expect(breaker.state()).toBe('half-open');
    await expect(breaker.run(answers)).rejects.toThrow(CircuitOpenError);
    resolve('PONG');
    await expect(probe).resolves.toBe('PONG');
    expect(breaker.state()).toBe('closed');
    await expect(breaker.run(answers)).resolves.toBe('PONG');
  });

  it('stays open when the probe fails', async () => {
    const breaker = open();
    await failOpen(breaker);
    vi.advanceTimersByTime(1_000);
    await fail(breaker);
    expect(breaker.state()).toBe('open');
    await expect(breaker.run(answers)).rejects.toThrow(CircuitOpenError);
  });

  it('logs one line when it opens and one when it closes, however long it takes', async () => {
    const breaker = open();
    await failOpen(breaker);
    for (let probe = 0; probe < 5; probe += 1) {
      vi.advanceTimersByTime(1_000);
      await fail(breaker);
    }
    vi.advanceTimersByTime(1_000);
    await breaker.run(answers);
    expect(lines).toMatchObject([
      { level: 'warn', fields: { dependency: 'redis' } },
      { level: 'info', fields: { dependency: 'redis' } },
    ]);
  });
});
