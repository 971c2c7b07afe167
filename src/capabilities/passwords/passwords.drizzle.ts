import { and, asc, eq, gte, isNull, lt, sql } from 'drizzle-orm';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from '#drizzle/schema/columns.ts';
import type { OrganisationId, UserId } from '#kernel/ids.ts';
import { type Database, hastily, perConnection } from '#platform/db/index.ts';
import { emailAddresses, memberships, users } from '#platform/db/prisma-tables.ts';
import type { PasswordCredentialStore } from './passwords.ports.ts';

/** Guesses allowed in a row before the password has to be bound anew (NIST SP 800-63B-4, 3.2.2). */
export const allowedGuesses = 100;

// This capability's own table, described in full by prisma/schema; sign-in works on it by Drizzle since it is hot.
const credentials = pgTable('password_credentials', {
  userId: text('user_id').primaryKey(),
  hash: text('hash').notNull(),
  consecutiveFailures: integer('consecutive_failures').notNull(),
  disabledAt: instant('disabled_at'),
  changedAt: instant('changed_at').notNull(),
});

type HotCredentialStore = Omit<PasswordCredentialStore, 'store'>;

export function drizzleCredentialStore(db: Database): HotCredentialStore {
  // Counted by the statement that reads the hash: nobody gets a hash to check against without being counted.
  const reserving = db.drizzle
    .update(credentials)
    .set({ consecutiveFailures: sql`${credentials.consecutiveFailures} + 1` })
    .from(users)
    .innerJoin(emailAddresses, eq(emailAddresses.userId, users.id))
    .where(
      and(
        eq(emailAddresses.normalised, sql.placeholder('normalised')),
        eq(credentials.userId, users.id),
        isNull(credentials.disabledAt),
        lt(credentials.consecutiveFailures, allowedGuesses),
        hastily,
      ),
    )
    .returning({
      userId: credentials.userId,
      hash: credentials.hash,
      changedAt: credentials.changedAt,
      userStatus: users.status,
      organisationId: sql<string | null>`(${db.drizzle
        .select({ id: memberships.organisationId })
        .from(memberships)
        .where(eq(memberships.userId, credentials.userId))
        .orderBy(asc(memberships.createdAt))
        .limit(1)})`,
    })
    .prepare('password_reserve_guess');
  const settling = perConnection((on) =>
    on
      .update(credentials)
      .set({ consecutiveFailures: 0 })
      .where(
        and(
          eq(credentials.userId, sql.placeholder('userId')),
          eq(credentials.changedAt, sql.placeholder('changedAt')),
          isNull(credentials.disabledAt),
        ),
      )
      .returning({ userId: credentials.userId })
      .prepare('password_settle_guess'),
  );
  return {
    reserveGuess: async (normalised) => {
      const [row] = await reserving.execute({ normalised });
      if (!row?.organisationId) return null;
      return {
        userId: row.userId as UserId,
        organisationId: row.organisationId as OrganisationId,
        hash: row.hash,
        changedAt: row.changedAt,
        userStatus: row.userStatus,
      };
    },
    settleGuess: async (tx, { userId, changedAt }, rehashed) => {
      if (!rehashed) return (await settling(tx.drizzle).execute({ userId, changedAt })).length > 0;
      const hash = sql`case when ${credentials.hash} = ${rehashed.from} then ${rehashed.to} else ${credentials.hash} end`;
      const settled = await tx.drizzle
        .update(credentials)
        .set({ consecutiveFailures: 0, hash })
        .where(and(eq(credentials.userId, userId), eq(credentials.changedAt, changedAt), isNull(credentials.disabledAt)))
        .returning({ userId: credentials.userId });
      return settled.length > 0;
    },
    releaseGuess: async (userId) => {
      await db.drizzle
        .update(credentials)
        .set({ consecutiveFailures: sql`greatest(${credentials.consecutiveFailures} - 1, 0)` })
        .where(and(eq(credentials.userId, userId), hastily));
    },
    disable: async (tx, userId, at) => {
      await tx.drizzle.update(credentials).set({ disabledAt: at, changedAt: at }).where(eq(credentials.userId, userId));
    },
    disableIfExhausted: async (tx, userId, at) => {
      const disabled = await tx.drizzle
        .update(credentials)
        .set({ disabledAt: at })
        .where(
          and(
            eq(credentials.userId, userId),
            isNull(credentials.disabledAt),
            gte(credentials.consecutiveFailures, allowedGuesses),
          ),
        )
        .returning({ userId: credentials.userId });
      return disabled.length > 0;
    },
  };
}
