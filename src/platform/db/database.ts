import { PrismaPg } from '@prisma/adapter-pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { PrismaClient } from '#generated/prisma/client.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { type DrizzleDatabase, drizzleOn } from './per-connection.ts';
import { TransactionPool } from './transaction-pool.ts';

export type PrismaDatabase = PrismaClient;
export type PrismaTx = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>;

/** One open transaction for the hot tables alone. Only `*.drizzle.ts` adapters look inside. */
export interface HotTx {
  readonly drizzle: DrizzleDatabase;
}

/** One open transaction over both ORMs. Only `*.prisma.ts` and `*.drizzle.ts` adapters look inside. */
export interface Tx extends HotTx {
  readonly prisma: PrismaTx;
}

/** What use cases know of the database: how to make several writes one. */
export interface UnitOfWork {
  /** Runs `work` in one transaction over both ORMs. It commits when `work` returns and rolls back when it throws. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** The same for work on Drizzle's tables alone, at a third of the cost: for sign-in, refresh, revocation. */
  hotTransaction<T>(work: (tx: HotTx) => Promise<T>): Promise<T>;
}

export interface Database extends UnitOfWork {
  readonly pool: pg.Pool;
  readonly prisma: PrismaDatabase;
  readonly drizzle: DrizzleDatabase;
  close(): Promise<void>;
}

const transactionWaitMs = 5_000;

/** Opens both ORMs on one pool. `statementTimeoutMs` bounds a transaction too. */
export function openDatabase(pool: pg.Pool, options: { readonly statementTimeoutMs: number; readonly logger: Logger }): Database {
  const transactionPool = new TransactionPool(pool);
  const lost = (error: Error) => options.logger.warn('database connection lost', { error });
  // Its other formats put the arguments of the call, and so personal data, into the messages of errors.
  const errorFormat = 'minimal';
  const prisma = new PrismaClient({ adapter: new PrismaPg(transactionPool.asPool(), { onConnectionError: lost }), errorFormat });
  const database = drizzle(pool);

  return {
    pool,
    prisma,
    drizzle: database,
    transaction: (work) =>
      transactionPool.remember((client) =>
        prisma.$transaction(async (tx) => work({ prisma: tx, drizzle: drizzleOn(client()) }), {
          maxWait: transactionWaitMs,
          timeout: options.statementTimeoutMs,
        }),
      ),
    hotTransaction: async (work) => {
      const client = await pool.connect();
      let broken: Error | undefined;
      const onError = (error: Error) => {
        broken = error;
        lost(error);
      };
      client.on('error', onError);
      try {
        // Waited for: should it fail by itself, statements sent behind it would each be a transaction of its own.
        await client.query('begin');
        const result = await work({ drizzle: drizzleOn(client) });
        await client.query('commit');
        return result;
      } catch (error) {
        // When even the rollback fails the connection is beyond use: it is closed, which rolls back on the server.
        await client.query('rollback').catch((rollbackError: unknown) => {
          broken ??= rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError));
        });
        throw error;
      } finally {
        client.removeListener('error', onError);
        client.release(broken);
      }
    },
    close: async () => {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}
