import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

// Owned by capabilities/authentication.

/** Attempts that may have to be slowed, per claimed account, network or mail address, whether or not such a thing exists. */
export const signInThrottles = pgTable(
  'sign_in_throttles',
  {
    /** Keyed hash of what is counted, so that the table holds no address of either kind. */
    key: bytes('key').primaryKey(),
    kind: text('kind').notNull(),
    failures: integer('failures').notNull(),
    blockedUntil: instant('blocked_until'),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [index('sign_in_throttles_updated_at_idx').on(table.updatedAt)],
);

/** From where people have signed in: attempts from there are counted apart from those of strangers. */
export const knownNetworks = pgTable(
  'known_networks',
  {
    /** Keyed hash of the address of the account and the network together, so that the table holds neither. */
    key: bytes('key').primaryKey(),
    /** Keyed hash of the address alone. */
    account: bytes('account').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
  },
  (table) => [
    index('known_networks_account_last_used_at_idx').on(table.account, table.lastUsedAt),
    index('known_networks_last_used_at_idx').on(table.lastUsedAt),
  ],
);
