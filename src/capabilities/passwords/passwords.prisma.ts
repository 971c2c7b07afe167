import type { UserId } from '#kernel/ids.ts';
import type { Database } from '#platform/db/index.ts';
import type { PasswordCredentialStore, PasswordResetStore } from './passwords.ports.ts';

export function prismaCredentialStore(): Pick<PasswordCredentialStore, 'store'> {
  return {
    store: async (tx, userId, hash, at) => {
      const set = { hash, changedAt: at, consecutiveFailures: 0, disabledAt: null };
      await tx.prisma.passwordCredential.upsert({ where: { userId }, create: { userId, ...set }, update: set });
    },
  };
}

export function prismaPasswordResetStore(db: Database): PasswordResetStore {
  return {
    replace: async (tx, reset, tokenHash) => {
      await tx.prisma.passwordReset.deleteMany({ where: { userId: reset.userId } });
      await tx.prisma.passwordReset.create({ data: { ...reset, tokenHash: new Uint8Array(tokenHash) } });
    },
    deleteAll: async (tx, userId) => {
      await tx.prisma.passwordReset.deleteMany({ where: { userId } });
    },
    find: async (tokenHash, now) => {
      const row = await db.prisma.passwordReset.findUnique({ where: { tokenHash: new Uint8Array(tokenHash) } });
      return row && row.expiresAt > now ? (row.userId as UserId) : null;
    },
    consume: async (tx, tokenHash, now) => {
      const { count } = await tx.prisma.passwordReset.deleteMany({
        where: { tokenHash: new Uint8Array(tokenHash), expiresAt: { gt: now } },
      });
      return count === 1;
    },
    deleteExpired: async (now) => (await db.prisma.passwordReset.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}
