import { describeEvent } from '#capabilities/events/index.ts';

export const rateLimitReached = describeEvent({
  type: 'rate_limit.reached',
  severity: 'warning',
  description:
    'A limit began to hold for an account, a network or another caller; told once until it ends. `data` names policy and dimension, and the subject by a keyed hash.',
});
