import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import { UnavailableError } from '#kernel/errors.ts';
import type { Logger } from '#platform/observability/logger.ts';

/** A dependency is left alone for now. Who gets this goes the way that it has without the dependency. */
export class CircuitOpenError extends UnavailableError {
  constructor(name: string, options: { readonly cause?: unknown } = {}) {
    super(1, { cause: options.cause ?? new Error(`the circuit of ${name} is open`) });
  }
}

export type BreakerState = 'closed' | 'half-open' | 'open';

export interface CircuitBreakerOptions {
  /** Of the dependency, for the log. */
  readonly name: string;
  /** Longest time that one call may take; after it the call has failed, whatever becomes of it. */
  readonly callTimeoutMs: number;
  /** Whether an error says that the dependency is away. Other errors pass and count as an answer. */
  readonly isOutage: (error: unknown) => boolean;
  readonly logger: Logger;
  /** Outages in a row after which it opens. */
  readonly failuresToOpen?: number;
  /** How long it stays open before one call is let through to see. */
  readonly probeAfterMs?: number;
}

export interface CircuitBreaker {
  /**
   * Runs `call` and settles as it does. Rejects with CircuitOpenError, without running it, while the circuit is open or one
   * call is finding out whether it can close; with cockatiel's TaskCancelledError when it took too long.
   */
  run<T>(call: () => Promise<T>): Promise<T>;
  state(): BreakerState;
}

const states: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  [CircuitState.Isolated]: 'open',
};

/**
 * Stops calling a dependency that fails, so that nobody waits for it: after some outages in a row every call is refused at
 * once, and now and then one call is let through to see whether it is back.
 */
export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  const { name, callTimeoutMs, isOutage, logger, failuresToOpen = 5, probeAfterMs = 1_000 } = options;
  const circuit = circuitBreaker(handleWhen(isOutage), {
    halfOpenAfter: probeAfterMs,
    breaker: new ConsecutiveBreaker(failuresToOpen),
  });
  const policy = wrap(circuit, timeout(callTimeoutMs, TimeoutStrategy.Aggressive));

  // A probe that fails leaves it open, which is no change to an operator: during a long outage nothing more is logged.
  let told: 'closed' | 'open' = 'closed';
  circuit.onBreak((reason) => {
    if (told === 'open') return;
    told = 'open';
    logger.warn('a dependency is away; it is left alone until it answers again', {
      dependency: name,
      ...('error' in reason ? { error: reason.error } : {}),
    });
  });
  circuit.onReset(() => {
    told = 'closed';
    logger.info('a dependency answers again', { dependency: name });
  });

  return {
    run: async (call) => {
      // cockatiel lets calls wait for the outcome of the probe. Here they have a quicker way.
      if (circuit.state === CircuitState.HalfOpen) throw new CircuitOpenError(name);
      try {
        return await policy.execute(() => call());
      } catch (error) {
        throw error instanceof BrokenCircuitError ? new CircuitOpenError(name, { cause: error }) : error;
      }
    },
    state: () => states[circuit.state],
  };
}
