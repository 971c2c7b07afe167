import type { Prisma } from '#generated/prisma/client.ts';
import type { EmailAddressId, OrganisationId, UserId } from '#kernel/ids.ts';
import { type Database, isUniqueViolation } from '#platform/db/index.ts';
import { EmailTakenError } from './identity.errors.ts';
import type { OrganisationStore, UserStore, UserWithEmail } from './identity.ports.ts';
import type { Organisation } from './organisation.ts';

const withUser = { user: true } as const;
type Row = Prisma.EmailAddressGetPayload<{ include: typeof withUser }>;

export function prismaUserStore(db: Database): UserStore {
  return {
    insert: async (tx, { user, emailAddress: { email, ...address }, account, membership }) => {
      await tx.prisma.user.create({ data: user });
      try {
        await tx.prisma.emailAddress.create({ data: { ...address, address: email.address, normalised: email.normalised } });
      } catch (error) {
        throw isUniqueViolation(error) ? new EmailTakenError({ cause: error }) : error;
      }
      await tx.prisma.account.create({ data: account });
      await tx.prisma.membership.create({ data: membership });
    },
    findByEmail: async (normalised) =>
      toUserWithEmail(await db.prisma.emailAddress.findUnique({ where: { normalised }, include: withUser })),
    findById: async (userId) =>
      toUserWithEmail(await db.prisma.emailAddress.findFirst({ where: { userId, isPrimary: true }, include: withUser })),
  };
}

function toUserWithEmail(row: Row | null): UserWithEmail | null {
  if (!row) return null;
  const { user, address, normalised, ...rest } = row;
  return {
    user: { ...user, id: user.id as UserId },
    emailAddress: { ...rest, id: row.id as EmailAddressId, userId: row.userId as UserId, email: { address, normalised } },
  };
}

const foundingLock = 7_255_091_336n;

export function prismaOrganisationStore(db: Database): OrganisationStore {
  return {
    lockFounding: async (tx) => {
      await tx.prisma.$executeRaw`select pg_advisory_xact_lock(${foundingLock})`;
    },
    insert: async (tx, organisation) => {
      await tx.prisma.organisation.create({ data: organisation });
    },
    findById: async (id) => toOrganisation(await db.prisma.organisation.findUnique({ where: { id } })),
    findDefault: async () =>
      toOrganisation(await db.prisma.organisation.findFirst({ orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })),
  };
}

function toOrganisation(row: Prisma.OrganisationGetPayload<Record<string, never>> | null): Organisation | null {
  return row && { ...row, id: row.id as OrganisationId };
}
