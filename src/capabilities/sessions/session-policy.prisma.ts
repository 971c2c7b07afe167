import type { Database } from '#platform/db/index.ts';
import type { SessionPolicyStore } from './sessions.ports.ts';

export function prismaSessionPolicyStore(db: Database): SessionPolicyStore {
  return {
    find: async (organisationId) => {
      const row = await db.prisma.sessionPolicy.findUnique({ where: { organisationId } });
      if (!row) return null;
      const { idleTimeoutSeconds, absoluteTimeoutSeconds, sessionLimit, limitAction, deviceTrustSeconds } = row;
      const { networkBinding, clientBinding, allowedNetworks } = row;
      return {
        idleTimeoutSeconds,
        absoluteTimeoutSeconds,
        sessionLimit,
        limitAction: limitAction === 'refuse' ? 'refuse' : 'evict-oldest',
        deviceTrustSeconds,
        networkBinding,
        clientBinding,
        allowedNetworks,
      };
    },
    save: async (tx, organisationId, policy, updatedAt) => {
      const limitAction = policy.limitAction === 'refuse' ? ('refuse' as const) : ('evict_oldest' as const);
      const set = { ...policy, limitAction, allowedNetworks: [...policy.allowedNetworks], updatedAt } satisfies object;
      await tx.prisma.sessionPolicy.upsert({ where: { organisationId }, create: { organisationId, ...set }, update: set });
    },
  };
}
