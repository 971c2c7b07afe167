import type { Actor, RequestOrigin } from '#kernel/actor.ts';
import type { MemoryRateLimiter } from '#platform/rate-limit/index.ts';
import { groupsOf, rememberingGroups } from '../limit-groups.ts';
import { limitPolicies } from '../limit-policy.ts';
import type { ReportLimit } from './report-limit.ts';

export interface AdmitRequestDeps {
  readonly node: MemoryRateLimiter;
  readonly disguise: (value: string) => string;
  readonly reportLimit: ReportLimit;
  readonly factor: number;
}

export interface AdmittedLimit {
  readonly policy: string;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
}

export interface RequestAdmission {
  readonly admitted: boolean;
  /** 0 when it was admitted. */
  readonly retryAfterSeconds: number;
  readonly limits: readonly AdmittedLimit[];
}

export type AdmitRequest = (origin: RequestOrigin) => RequestAdmission;

/**
 * Counts one request of a network before anything of it is read: in this process, in a microsecond. It keeps a flood from
 * costing more than its answers; what an operation may cost is counted by `admitOperation`.
 */
export const admitRequest = ({ node, disguise, reportLimit, factor }: AdmitRequestDeps): AdmitRequest => {
  const name = 'request';
  const policy = limitPolicies[name];
  const groupsFor = rememberingGroups((caller) =>
    groupsOf({ name, policy, caller, factor, challenges: false, disguise: (value) => value }),
  );
  return (origin) => {
    const actor: Actor = { kind: 'anonymous', origin };
    const [group] = groupsFor({ actor, claimedAccount: undefined });
    if (!group) throw new Error('a request has a network');
    const { admitted, states } = node.reserveNow(group.solved, policy.cost);
    let retryAfterMs = 0;
    const limits = group.dimensions.map(({ dimension, subject, windowSeconds }, index) => {
      const { used = 0, retryAfterMs: wait = 0 } = states[index] ?? {};
      const limit = group.solved.limits[index]?.limit ?? 0;
      retryAfterMs = Math.max(retryAfterMs, wait);
      if (wait > 0) void reportLimit(actor, { policy: name, dimension, subject: disguise(subject), windowSeconds });
      return { policy: dimension, limit, windowSeconds, remaining: Math.max(0, limit - used) };
    });
    return { admitted, retryAfterSeconds: Math.ceil(retryAfterMs / 1000), limits };
  };
};
