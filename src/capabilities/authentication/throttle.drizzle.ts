import { eq, lt, sql } from 'drizzle-orm';
import { signInThrottles as throttles } from '#drizzle/schema/throttles.ts';
import { addSeconds } from '#kernel/clock.ts';
import type { Database } from '#platform/db/index.ts';
import type { ThrottleStore } from './authentication.ports.ts';

export function drizzleThrottleStore(db: Database): ThrottleStore {
  return {
    reserve: async (tx, key, policy, now) => {
      const { freeAttempts, firstWaitSeconds, longestWaitSeconds } = policy;
      const forgotten = sql`${throttles.updatedAt} < ${addSeconds(now, -policy.forgetAfterSeconds).toISOString()}::timestamptz`;
      const attempts = sql`(case when ${forgotten} then 1 else ${throttles.failures} + 1 end)`;
      const wait = sql`least(${longestWaitSeconds}::float8, ${firstWaitSeconds}::float8 * power(2, least(${attempts} - ${freeAttempts} - 1, 30)))`;
      const counted = await tx.drizzle
        .insert(throttles)
        .values({ key, kind: policy.kind, failures: 1, blockedUntil: null, updatedAt: now })
        .onConflictDoUpdate({
          target: throttles.key,
          set: {
            failures: attempts,
            blockedUntil: sql`case when ${attempts} > ${freeAttempts} then ${now.toISOString()}::timestamptz + make_interval(secs => ${wait}) end`,
            updatedAt: now,
          },
          setWhere: sql`${throttles.blockedUntil} is null or ${throttles.blockedUntil} <= ${now.toISOString()}::timestamptz`,
        })
        .returning({ attempts: throttles.failures });
      if (counted[0]) return { blockedUntil: null, attempts: counted[0].attempts };
      const [row] = await tx.drizzle
        .select({ blockedUntil: throttles.blockedUntil })
        .from(throttles)
        .where(eq(throttles.key, key));
      // The block may have been lifted in between: that attempt was not counted, so it has to come again.
      return { blockedUntil: row?.blockedUntil ?? addSeconds(now, 1) };
    },
    clear: async (tx, key) => {
      await tx.drizzle.delete(throttles).where(eq(throttles.key, key));
    },
    refund: async (tx, key, { freeAttempts }) => {
      const failures = sql`greatest(${throttles.failures} - 1, 0)`;
      await tx.drizzle
        .update(throttles)
        .set({ failures, blockedUntil: sql`case when ${failures} > ${freeAttempts} then ${throttles.blockedUntil} end` })
        .where(eq(throttles.key, key));
    },
    deleteForgotten: async (before) => (await db.drizzle.delete(throttles).where(lt(throttles.updatedAt, before))).rowCount ?? 0,
  };
}
