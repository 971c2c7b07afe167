import { type SQL, sql } from 'drizzle-orm';

/**
 * Makes the transaction of the statement that evaluates it commit without waiting for the disk, and so let go of its locks at
 * once. Everybody sees what it wrote, but a crash of PostgreSQL may lose the last half second of it: for counters that many
 * share, in statements that are transactions of their own, never for what a person did.
 */
export const committingHastily: SQL = sql`set_config('synchronous_commit', 'off', true)`;

/** The same as a condition, which always holds: for the `where` of an update. */
export const hastily: SQL = sql`${committingHastily} = 'off'`;
