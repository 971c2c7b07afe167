import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { correlationIdOf, currentCorrelationId, newCorrelationId, parseTraceparent, runWithCorrelation } from './correlation.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

describe('parseTraceparent', () => {
  it('reads the trace id', () => {
    expect(parseTraceparent(`00-${traceId}-${parentId}-01`)).toBe(traceId);
    expect(parseTraceparent(`cc-${traceId}-${parentId}-00-what-the-future-brings`)).toBe(traceId);
  });

  it.each([
    undefined,
    '',
    `ff-${traceId}-${parentId}-01`,
    `00-${'0'.repeat(32)}-${parentId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${parentId}-01`,
    `00-${traceId}-${parentId}-01-more`,
    `00-${traceId}-${parentId}-1`,
    `00-${traceId}-${parentId}`,
    ` 00-${traceId}-${parentId}-01`,
    `00-${traceId}-${parentId}-01\n`,
    `cc-${traceId}-${parentId}-00-${'x'.repeat(600)}`,
  ])('refuses %j', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe('correlationIdOf', () => {
  it('prefers the trace id, then X-Request-Id, then makes one', () => {
    const traceparent = `00-${traceId}-${parentId}-01`;
    expect(correlationIdOf({ traceparent, 'x-request-id': 'request-0001' })).toBe(traceId);
    expect(correlationIdOf({ traceparent: 'nonsense', 'x-request-id': 'request-0001' })).toBe('request-0001');
    expect(correlationIdOf({})).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([
    'short',
    'x'.repeat(65),
    'line\r\nbreak-it',
    'spaces in it',
    '-leading-dash',
    '<script>alert(1)</script>',
    'ümlaut-12345',
  ])('does not repeat %j', (given) => {
    expect(correlationIdOf({ 'x-request-id': given })).toMatch(/^[0-9a-f]{32}$/);
  });

  it('does not repeat a token that got into the wrong header', () => {
    const token = `spt_${'aB3'.repeat(14)}x`;
    expect(correlationIdOf({ 'x-request-id': token })).not.toContain(token);
  });

  it('always gives an id that is safe in a header and in a line of text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (traceparent, given) => {
        expect(correlationIdOf({ traceparent, 'x-request-id': given })).toMatch(/^[A-Za-z0-9._-]{8,64}$/);
      }),
    );
  });

  it('never makes the same id twice, across batches', () => {
    const ids = Array.from({ length: 2_000 }, newCorrelationId);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('runWithCorrelation', () => {
  it('keeps concurrent work apart across awaits', async () => {
    const seen = await Promise.all(
      ['one-1234', 'two-1234'].map((id) =>
        runWithCorrelation(id, async () => {
          await turn();
          return currentCorrelationId();
        }),
      ),
    );
    expect(seen).toEqual(['one-1234', 'two-1234']);
    expect(currentCorrelationId()).toBeUndefined();
  });
});
