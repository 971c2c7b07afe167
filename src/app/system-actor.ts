import type { Actor } from '#kernel/actor.ts';
import { currentCorrelationId, newCorrelationId } from '#platform/observability/correlation.ts';

/** The product itself, where no request is behind what it does. */
export const systemActor = (name: string) => (): Actor => ({
  kind: 'system',
  name,
  origin: { ipAddress: '', userAgent: '', correlationId: currentCorrelationId() ?? newCorrelationId() },
});
