import type { Prisma } from '#generated/prisma/client.ts';
import type { SigningKeyId } from '#kernel/ids.ts';
import type { Database } from '#platform/db/index.ts';
import type { MasterKeyCheckStore, SigningKeyStore } from './keys.ports.ts';
import type { SigningKeyRecord } from './signing-key.ts';

const rotationLock = 7_255_091_335n;

type Row = Prisma.SigningKeyGetPayload<Record<string, never>>;

export function prismaSigningKeyStore(db: Database): SigningKeyStore {
  return {
    listPublished: async (now) => (await db.prisma.signingKey.findMany({ where: { expiresAt: { gt: now } } })).map(toRecord),
    lockAndList: async (tx, now) => {
      await tx.prisma.$executeRaw`select pg_advisory_xact_lock(${rotationLock})`;
      return (await tx.prisma.signingKey.findMany({ where: { expiresAt: { gt: now } } })).map(toRecord);
    },
    insert: async (tx, key) => {
      await tx.prisma.signingKey.create({
        data: {
          ...key,
          publicJwk: key.publicJwk as Prisma.InputJsonObject,
          privateKeySealed: new Uint8Array(key.privateKeySealed),
        },
      });
    },
    deleteExpired: async (now) => {
      await db.prisma.signingKey.deleteMany({ where: { expiresAt: { lte: now } } });
    },
  };
}

const checkId = 'master-key';
/** Prisma's: the table does not exist. */
const noTable = 'P2021';

export function prismaMasterKeyCheckStore({ prisma }: Pick<Database, 'prisma'>): MasterKeyCheckStore {
  return {
    find: async () => {
      const row = await prisma.masterKeyCheck.findUnique({ where: { id: checkId } }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === noTable) return null;
        throw error;
      });
      return row && Buffer.from(row.sealed);
    },
    insertFirst: async (sealed, createdAt) => {
      const data = [{ id: checkId, sealed: new Uint8Array(sealed), createdAt }];
      await prisma.masterKeyCheck.createMany({ data, skipDuplicates: true });
    },
    findSealedKey: async () => {
      const row = await prisma.signingKey.findFirst({ select: { id: true, privateKeySealed: true } });
      return row && { id: row.id, privateKeySealed: Buffer.from(row.privateKeySealed) };
    },
  };
}

function toRecord(row: Row): SigningKeyRecord {
  return {
    ...row,
    id: row.id as SigningKeyId,
    publicJwk: row.publicJwk as Readonly<Record<string, unknown>>,
    privateKeySealed: Buffer.from(row.privateKeySealed),
  };
}
