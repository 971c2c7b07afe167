import { and, eq, isNull, lte, sql } from 'drizzle-orm';
import { idempotencyKeys as keys } from '#drizzle/schema/authentication.ts';
import type { Database } from '#platform/db/index.ts';
import type { IdempotencyStore } from './authentication.ports.ts';

export function drizzleIdempotencyStore(db: Database): IdempotencyStore {
  return {
    claim: async (claim, now) => {
      const { id, fingerprint, run, lockedUntil, expiresAt } = claim;
      const fresh = { fingerprint, run, lockedUntil, expiresAt, completedAt: null };
      const abandoned = and(isNull(keys.completedAt), lte(keys.lockedUntil, now), eq(keys.fingerprint, fingerprint));
      const claimed = await db.drizzle
        .insert(keys)
        .values({ id, ...fresh })
        .onConflictDoUpdate({ target: keys.id, set: fresh, setWhere: sql`${lte(keys.expiresAt, now)} or ${abandoned}` })
        .returning({ run: keys.run });
      if (claimed.length > 0) return 'claimed';
      const [row] = await db.drizzle.select().from(keys).where(eq(keys.id, id));
      // Released in between: whoever had it failed, so that this one may try, but has to come again.
      if (!row) return 'running';
      if (!row.fingerprint.equals(fingerprint)) return 'other payload';
      return row.completedAt ? 'completed' : 'running';
    },
    complete: async (tx, { id, run }, now) => {
      const { rowCount } = await tx.drizzle
        .update(keys)
        .set({ completedAt: now })
        .where(and(eq(keys.id, id), eq(keys.run, run), isNull(keys.completedAt)));
      return rowCount === 1;
    },
    release: async ({ id, run }) => {
      await db.drizzle.delete(keys).where(and(eq(keys.id, id), eq(keys.run, run), isNull(keys.completedAt)));
    },
    deleteExpired: async (now) => (await db.drizzle.delete(keys).where(lte(keys.expiresAt, now))).rowCount ?? 0,
  };
}
