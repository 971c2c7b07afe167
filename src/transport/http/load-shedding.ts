import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance } from 'fastify';
import { OverloadedError } from '#kernel/errors.ts';
import type { LoadConfig } from '#platform/config/config.ts';
import type { EventLoopLag } from '#platform/observability/event-loop-lag.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { probeRoutes } from './request-record.ts';

/** The refusal that new work gets just now; undefined while there is room for it. */
export type Admission = () => OverloadedError | undefined;

export interface MemoryUse {
  /** Of what V8 may use, 0 to 1. Garbage counts until it is collected. */
  readonly heapShare: number;
  readonly residentBytes: number;
}

export interface AdmissionDeps {
  readonly limits: LoadConfig;
  readonly lag: Pick<EventLoopLag, 'readMs'>;
  readonly logger: Logger;
  readonly readMemory?: () => MemoryUse;
  /** Milliseconds on a clock that never steps back. Replaced in tests. */
  readonly monotonicNow?: () => number;
}

// Memory is not read for each request: the system is asked for it.
const memoryFreshMs = 500;
const retryAfterSeconds = 2;
const bytesPerMib = 2 ** 20;

/**
 * Decides whether this node takes new work. Past a limit it refuses at once and cheaply: whoever waited behind a late event
 * loop or a full heap would get no answer in time anyway, and would cost those who might.
 */
export function createAdmission(deps: AdmissionDeps): Admission {
  const { limits, lag, logger, readMemory = memoryOfProcess, monotonicNow = () => performance.now() } = deps;
  let memory = readMemory();
  let memoryReadAt = monotonicNow();
  let shedding = false;

  function reason(): string | undefined {
    const now = monotonicNow();
    if (now - memoryReadAt >= memoryFreshMs) {
      memory = readMemory();
      memoryReadAt = now;
    }
    if (lag.readMs() > limits.maxEventLoopLagMs) return 'event loop';
    if (memory.heapShare * 100 > limits.maxHeapPercent) return 'heap';
    return limits.maxResidentMib > 0 && memory.residentBytes > limits.maxResidentMib * bytesPerMib ? 'memory' : undefined;
  }

  return () => {
    const found = reason();
    if (shedding !== (found !== undefined)) {
      shedding = !shedding;
      if (shedding) logger.warn('too much to do: new requests are refused', { reason: found });
      else logger.info('new requests are taken again');
    }
    return found === undefined ? undefined : new OverloadedError(retryAfterSeconds);
  };
}

function memoryOfProcess(): MemoryUse {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return { heapShare: used / limit, residentBytes: process.memoryUsage.rss() };
}

/** Refuses before a body is read or anybody is asked who they are. Probes are answered: they are how an operator looks in. */
export function shedLoad(app: FastifyInstance, admission: Admission): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const refusal = admission();
    if (refusal === undefined || probeRoutes.has(request.routeOptions.url ?? '')) return done();
    done(refusal);
  });
}
