import type { Prisma } from '#generated/prisma/client.ts';
import type { OrganisationId, RegistrationId, UserId } from '#kernel/ids.ts';
import type { Database, Tx } from '#platform/db/index.ts';
import type { BootstrapTokenStore, RegistrationStore } from './authentication.ports.ts';
import type { Registration } from './registration.ts';

export function prismaRegistrationStore(db: Database): RegistrationStore {
  return {
    insert: async (tx, { email, ...registration }, tokenHash) => {
      await tx.prisma.registration.create({ data: { ...registration, ...email, tokenHash: new Uint8Array(tokenHash) } });
    },
    findById: async (id) => toRegistration(await db.prisma.registration.findUnique({ where: { id } })),
    findByToken: async (tokenHash) =>
      toRegistration(await db.prisma.registration.findUnique({ where: { tokenHash: new Uint8Array(tokenHash) } })),
    consume: async (tx, tokenHash) => {
      const row = await tx.prisma.registration.findUnique({ where: { tokenHash: new Uint8Array(tokenHash) } });
      if (!row) return null;
      await lockAddress(tx, row.normalised);
      // The delete decides: of two that found the row, the second waited for the first and then deletes nothing.
      const { count } = await tx.prisma.registration.deleteMany({ where: { id: row.id, tokenHash: new Uint8Array(tokenHash) } });
      return count === 1 ? toRegistration(row) : null;
    },
    findPending: async (normalised, now) =>
      toRegistration(
        await db.prisma.registration.findFirst({ where: { normalised, expiresAt: { gt: now } }, orderBy: { createdAt: 'desc' } }),
      ),
    replaceToken: async (tx, id, tokenHash) => {
      await tx.prisma.registration.updateMany({ where: { id }, data: { tokenHash: new Uint8Array(tokenHash) } });
    },
    extend: async (tx, id, expiresAt) => {
      await tx.prisma.registration.updateMany({ where: { id }, data: { expiresAt } });
    },
    deleteByEmail: async (tx, normalised) => {
      await lockAddress(tx, normalised);
      await tx.prisma.registration.deleteMany({ where: { normalised } });
    },
    deleteExpired: async (now) => (await db.prisma.registration.deleteMany({ where: { expiresAt: { lte: now } } })).count,
  };
}

/** All sign-ups with this address, always in one order: two who hold one each and want the other's would wait for ever. */
async function lockAddress(tx: Tx, normalised: string): Promise<void> {
  await tx.prisma.$queryRaw`select id from registrations where normalised = ${normalised} order by id for update`;
}

function toRegistration(row: Prisma.RegistrationGetPayload<Record<string, never>> | null): Registration | null {
  if (!row) return null;
  const { address, normalised, tokenHash: _tokenHash, ...rest } = row;
  return {
    ...rest,
    id: row.id as RegistrationId,
    userId: row.userId as UserId,
    organisationId: row.organisationId as OrganisationId,
    email: { address, normalised },
  };
}

const bootstrapLock = 7_255_091_337n;

export function prismaBootstrapTokenStore(): BootstrapTokenStore {
  return {
    add: async (tx, id, tokenHash, createdAt, expiresAt, keep) => {
      await lockTokens(tx);
      await tx.prisma.bootstrapToken.deleteMany({ where: { expiresAt: { lte: createdAt } } });
      await tx.prisma.bootstrapToken.create({ data: { id, tokenHash: new Uint8Array(tokenHash), createdAt, expiresAt } });
      const newestFirst = await tx.prisma.bootstrapToken.findMany({ select: { id: true }, orderBy: [{ createdAt: 'desc' }] });
      const beyond = newestFirst.filter((row) => row.id !== id).slice(keep - 1);
      await tx.prisma.bootstrapToken.deleteMany({ where: { id: { in: beyond.map((row) => row.id) } } });
    },
    consume: async (tx, tokenHash, now) => {
      const good = { tokenHash: new Uint8Array(tokenHash), expiresAt: { gt: now } };
      // Whoever only guesses waits for nobody.
      if ((await tx.prisma.bootstrapToken.count({ where: good })) === 0) return false;
      await lockTokens(tx);
      const { count } = await tx.prisma.bootstrapToken.deleteMany({ where: good });
      if (count === 1) await tx.prisma.bootstrapToken.deleteMany();
      return count === 1;
    },
  };
}

/** Of two claims by different tokens the second waits here, and then finds its token gone. */
async function lockTokens(tx: Tx): Promise<void> {
  await tx.prisma.$executeRaw`select pg_advisory_xact_lock(${bootstrapLock})`;
}
