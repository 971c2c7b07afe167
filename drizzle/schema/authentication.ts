import { index, pgTable } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

// Owned by capabilities/authentication.

/**
 * Requests that a client may send again without their being done again. Neither what was asked nor what was answered stands
 * here: the answer follows from the request.
 */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Keyed hash of who asks, for what, and by which key. */
    id: bytes('id').primaryKey(),
    /** Keyed hash of what was asked, without passwords. */
    fingerprint: bytes('fingerprint').notNull(),
    /** Which run it is: a later one has another. */
    run: bytes('run').notNull(),
    /** Until then somebody works on it, unless it is completed. */
    lockedUntil: instant('locked_until').notNull(),
    completedAt: instant('completed_at'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expires_at_idx').on(table.expiresAt)],
);
