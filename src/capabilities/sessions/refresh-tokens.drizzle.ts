import { eq, sql } from 'drizzle-orm';
import { refreshTokens } from '#drizzle/schema/sessions.ts';
import type { RefreshTokenId, SessionId } from '#kernel/ids.ts';
import { perConnection } from '#platform/db/index.ts';
import type { RefreshToken } from './refresh-token.ts';
import type { RefreshTokenStore } from './sessions.ports.ts';

export function drizzleRefreshTokenStore(): RefreshTokenStore {
  const inserting = perConnection((on) =>
    on
      .insert(refreshTokens)
      .values({
        id: sql.placeholder('id'),
        sessionId: sql.placeholder('sessionId'),
        tokenHash: sql.placeholder('tokenHash'),
        createdAt: sql.placeholder('createdAt'),
        expiresAt: sql.placeholder('expiresAt'),
      } satisfies Record<keyof Omit<RefreshToken, 'consumedAt' | 'successorNonce'> | 'tokenHash', unknown>)
      .prepare('refresh_token_insert'),
  );
  const insertingFirst = perConnection((on) =>
    on
      .insert(refreshTokens)
      .values({
        id: sql.placeholder('id'),
        sessionId: sql.placeholder('sessionId'),
        tokenHash: sql.placeholder('tokenHash'),
        createdAt: sql.placeholder('createdAt'),
        expiresAt: sql`(select idle_expires_at from sessions where id = ${sql.placeholder('sessionId')})`,
      })
      .prepare('refresh_token_insert_first'),
  );
  const locking = perConnection((on) =>
    on
      .select()
      .from(refreshTokens)
      .where(eq(refreshTokens.tokenHash, sql.placeholder('tokenHash')))
      .for('update')
      .prepare('refresh_token_lock'),
  );

  return {
    insert: async (tx, token, tokenHash) => {
      await inserting(tx.drizzle).execute({ ...token, tokenHash });
    },
    insertFirst: async (tx, token, tokenHash) => {
      await insertingFirst(tx.drizzle).execute({ ...token, tokenHash });
    },
    findAndLock: async (tx, tokenHash) => {
      const [row] = await locking(tx.drizzle).execute({ tokenHash });
      return row ? toRefreshToken(row) : null;
    },
    consume: async (tx, id, at, successorNonce) => {
      await tx.drizzle.update(refreshTokens).set({ consumedAt: at, successorNonce }).where(eq(refreshTokens.id, id));
    },
    findExpiry: async (tx, tokenHash) => {
      const [row] = await tx.drizzle
        .select({ expiresAt: refreshTokens.expiresAt })
        .from(refreshTokens)
        .where(eq(refreshTokens.tokenHash, tokenHash));
      return row?.expiresAt ?? null;
    },
  };
}

function toRefreshToken(row: typeof refreshTokens.$inferSelect): RefreshToken {
  return {
    id: row.id as RefreshTokenId,
    sessionId: row.sessionId as SessionId,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    consumedAt: row.consumedAt,
    successorNonce: row.successorNonce,
  };
}
