import type { Database } from '#platform/db/index.ts';
import type { SessionPolicyStore } from './sessions.ports.ts';

export function prismaSessionPolicyStore(db: Database): SessionPolicyStore {
  return {
    find: async (organisationId) => {
      const row = await db.prisma.sessionPolicy.findUnique({ where: { organisationId } });
      if (!row) return null;
      const { idleTimeoutSeconds, absoluteTimeoutSeconds, sessionLimit, limitAction, deviceTrustSeconds } = row;
      return {
        idleTimeoutSeconds,
        absoluteTimeoutSeconds,
        sessionLimit,
        limitAction: limitAction === 'refuse' ? 'refuse' : 'evict-oldest',
        deviceTrustSeconds,
      };
    },
    save: async (tx, organisationId, policy, updatedAt) => {
      const limitAction = policy.limitAction === 'refuse' ? 'refuse' : 'evict_oldest';
      const set = { ...policy, limitAction, updatedAt } as const;
      await tx.prisma.sessionPolicy.upsert({ where: { organisationId }, create: { organisationId, ...set }, update: set });
    },
  };
}
