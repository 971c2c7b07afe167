import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { redactText } from './redact-text.ts';

const current = new AsyncLocalStorage<string>();

/** Runs `work` so that everything it calls, now or later, logs under this correlation id. */
export function runWithCorrelation<Result>(id: string, work: () => Result): Result {
  return current.run(id, work);
}

export function currentCorrelationId(): string | undefined {
  return current.getStore();
}

// Drawn in batches: a call into the CSPRNG for each request costs more than the rest of its correlation.
const idBytes = 16;
const batch = 256;
let drawn = Buffer.alloc(0);
let used = 0;

/** 128 random bits as 32 hexadecimal digits, the shape of a W3C trace id. */
export function newCorrelationId(): string {
  if (used >= drawn.length) {
    drawn = randomBytes(idBytes * batch);
    used = 0;
  }
  const id = drawn.toString('hex', used, used + idBytes);
  used += idBytes;
  return id;
}

const traceparent = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const longestTraceparent = 512;

/**
 * The trace id of a `traceparent` header, or undefined when the header is malformed: version ff, ids of zeros, capitals,
 * or trailing data after version 00 (W3C Trace Context, 3.2).
 */
export function parseTraceparent(header: string | undefined): string | undefined {
  if (header === undefined || header.length > longestTraceparent) return undefined;
  const [, version, traceId, parentId, , rest] = traceparent.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || version === 'ff') return undefined;
  if (version === '00' && rest !== undefined) return undefined;
  return /^0+$/.test(traceId) || /^0+$/.test(parentId) ? undefined : traceId;
}

const requestId = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/;

/**
 * The id of a request: the caller's trace id, else the caller's X-Request-Id when it is 8 to 64 plain characters and does
 * not look like a secret that got into the wrong header, else a new one.
 */
export function correlationIdOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  const { traceparent: trace, 'x-request-id': given } = headers;
  if (typeof trace === 'string') {
    const traceId = parseTraceparent(trace);
    if (traceId !== undefined) return traceId;
  }
  if (typeof given === 'string' && requestId.test(given) && redactText(given) === given) return given;
  return newCorrelationId();
}
