import { and, asc, gt, inArray, isNotNull, lte, type SQL } from 'drizzle-orm';
import { refreshTokens, sessions } from '#drizzle/schema/sessions.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { EndedBy, EndedSessionStore } from './sessions.ports.ts';

const skipLocked = { skipLocked: true } as const;

export function drizzleEndedSessionStore(): EndedSessionStore {
  const endedBy: Readonly<Record<EndedBy, (before: Date) => { readonly where: SQL | undefined; readonly order: SQL }>> = {
    timeout: (before) => ({ where: lte(sessions.expiresAt, before), order: asc(sessions.expiresAt) }),
    revocation: (before) => ({
      where: and(isNotNull(sessions.revokedAt), lte(sessions.revokedAt, before)),
      order: asc(sessions.revokedAt),
    }),
  };
  return {
    deleteBatch: async (tx, by, before, size) => {
      const { where, order } = endedBy[by](before);
      const found = await tx.drizzle
        .select({ id: sessions.id })
        .from(sessions)
        .where(where)
        .orderBy(order)
        .limit(size)
        .for('update', skipLocked);
      const ids = found.map(({ id }) => id);
      const { deleted, complete } = await deleteSessions(tx, ids, size);
      return { deleted, more: !complete || ids.length === size };
    },
    deleteIdled: async (tx, after, before, size) => {
      const walked = await tx.drizzle
        .select({ id: sessions.id, idleExpiresAt: sessions.idleExpiresAt })
        .from(sessions)
        .where(gt(sessions.id, after))
        .orderBy(asc(sessions.id))
        .limit(size);
      const idled = walked.filter(({ idleExpiresAt }) => idleExpiresAt <= before).map(({ id }) => id);
      // Read again under the lock: a session whose use was noted late lives on.
      const locked = await lockIdled(tx, idled, before);
      const { deleted, complete } = await deleteSessions(tx, locked, size);
      if (!complete) return { deleted, more: true, last: after };
      const last = walked.length === size ? (walked.at(-1)?.id ?? null) : null;
      return { deleted, more: last !== null, last };
    },
  };
}

async function lockIdled(tx: HotTx, ids: readonly string[], before: Date): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.drizzle
    .select({ id: sessions.id })
    .from(sessions)
    .where(and(inArray(sessions.id, [...ids]), lte(sessions.idleExpiresAt, before)))
    .for('update', skipLocked);
  return rows.map(({ id }) => id);
}

/**
 * The tokens first and no more than `size` of them: a session of a month may have thousands, and a cascade would delete
 * those of a thousand sessions in one statement.
 */
async function deleteSessions(
  tx: HotTx,
  ids: readonly string[],
  size: number,
): Promise<{ readonly deleted: number; readonly complete: boolean }> {
  if (ids.length === 0) return { deleted: 0, complete: true };
  const some = tx.drizzle
    .select({ id: refreshTokens.id })
    .from(refreshTokens)
    .where(inArray(refreshTokens.sessionId, [...ids]))
    .limit(size);
  const tokens = await tx.drizzle.delete(refreshTokens).where(inArray(refreshTokens.id, some));
  const deletedTokens = tokens.rowCount ?? 0;
  if (deletedTokens === size) return { deleted: deletedTokens, complete: false };
  const gone = await tx.drizzle.delete(sessions).where(inArray(sessions.id, [...ids]));
  return { deleted: deletedTokens + (gone.rowCount ?? 0), complete: true };
}
