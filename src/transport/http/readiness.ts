import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '#kernel/clock.ts';
import type { Logger } from '#platform/observability/logger.ts';

/** Resolves when the dependency answers; rejects when it does not. */
export type ReadinessCheck = () => Promise<void>;
/** A dependency without which the node serves on: its outcome is shown, but traffic need not go elsewhere. */
export interface OptionalCheck {
  readonly optional: ReadinessCheck;
}
/** By the name that the answer shows. */
export type ReadinessChecks = Readonly<Record<string, ReadinessCheck | OptionalCheck | 'not configured'>>;

export interface ReadinessReport {
  readonly status: 'ready' | 'not ready' | 'draining';
  readonly checks: Readonly<Record<string, 'ok' | 'failed' | 'timed out' | 'not configured'>>;
}

export interface ReadinessDeps {
  readonly checks: ReadinessChecks;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly isDraining: () => boolean;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 2_000;
// Anybody may ask; the dependencies are bothered once in this time, however often the question comes.
const freshMs = 1_000;

type Outcome = ReadinessReport['checks'][string];

/** A function that tells whether this node should get traffic. Concurrent and close calls share one round of checks. */
export function createReadiness(deps: ReadinessDeps): () => Promise<ReadinessReport> {
  const { checks, logger, clock, isDraining, timeoutMs = defaultTimeoutMs } = deps;
  const last = new Map<string, Outcome>();
  let round: { readonly startedAt: number; readonly outcomes: Promise<ReadinessReport['checks']> } | undefined;

  const runAll = async () => {
    const outcomes = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        if (check === 'not configured') return [name, check] as const;
        const { outcome, error } = await runCheck(typeof check === 'function' ? check : check.optional, timeoutMs);
        const before = last.get(name) ?? 'ok';
        if (before !== outcome) logChange(logger, name, outcome, error);
        last.set(name, outcome);
        return [name, outcome] as const;
      }),
    );
    return Object.fromEntries(outcomes);
  };

  return async () => {
    const now = clock.now().getTime();
    if (round === undefined || Math.abs(now - round.startedAt) >= freshMs) round = { startedAt: now, outcomes: runAll() };
    const outcomes = await round.outcomes;
    if (isDraining()) return { status: 'draining', checks: outcomes };
    const healthy = Object.entries(outcomes).every(([name, outcome]) => outcome === 'ok' || !isRequired(checks[name]));
    return { status: healthy ? 'ready' : 'not ready', checks: outcomes };
  };
}

function isRequired(check: ReadinessChecks[string] | undefined): boolean {
  return typeof check === 'function';
}

async function runCheck(check: ReadinessCheck, timeoutMs: number): Promise<{ outcome: Outcome; error?: unknown }> {
  const finished = new AbortController();
  const timeout = pause(timeoutMs, { outcome: 'timed out' } as const, { signal: finished.signal, ref: false });
  // Ending the pause early rejects it; the race is over by then.
  timeout.catch(() => {});
  const answer = Promise.resolve()
    .then(check)
    .then(
      () => ({ outcome: 'ok' }) as const,
      (error: unknown) => ({ outcome: 'failed', error }) as const,
    );
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    finished.abort();
  }
}

function logChange(logger: Logger, name: string, outcome: Outcome, error: unknown): void {
  if (outcome === 'ok') logger.info('readiness check recovered', { check: name });
  else logger.warn('readiness check fails', { check: name, outcome, error });
}
