import type { LimitListener } from '#capabilities/limits/index.ts';
import type { Metrics } from '#platform/observability/metrics.ts';

/** Counts what came of calls at a limit. All labels are names of the table of limits. */
export function countLimits(metrics: Metrics, listen: (listener: LimitListener) => void): void {
  const outcomes = metrics.counter({
    name: 'rate_limit_outcomes_total',
    help: 'Calls over a limit: refused, asked to solve a challenge, or let through by its solution.',
    labels: ['outcome', 'policy', 'dimension'],
  });
  listen((outcome, policy, dimension) => outcomes.add(1, { outcome, policy, dimension }));
}
