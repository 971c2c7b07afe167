import { index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

// Owned by capabilities/devices.

/** A browser or app by which a person signed in. One browser that two people use is a device of each. */
export const devices = pgTable(
  'devices',
  {
    id: text('id').primaryKey(),
    // The foreign key to users (a table of Prisma's) stands in the migration's SQL.
    userId: text('user_id').notNull(),
    /** Keyed hash of what the client is known by; null once the device is forgotten, so that its next sign-in is that of a new one. */
    keyHash: bytes('key_hash'),
    /** What the person calls it; null as long as its family is name enough. */
    name: text('name'),
    /** Such as "Firefox on Windows". */
    family: text('family').notNull(),
    /** ISO 3166-1 alpha-2. */
    country: text('country'),
    city: text('city'),
    firstUsedAt: instant('first_used_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    trustedUntil: instant('trusted_until'),
  },
  (table) => [uniqueIndex('devices_user_id_key_hash_key').on(table.userId, table.keyHash)],
);

/** The one-time links by which people say of a new device that it is not theirs. */
export const deviceReports = pgTable(
  'device_reports',
  {
    /** One link a device: a later one replaces it. */
    deviceId: text('device_id')
      .primaryKey()
      .references(() => devices.id, { onDelete: 'cascade' }),
    tokenHash: bytes('token_hash').notNull().unique(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('device_reports_expires_at_idx').on(table.expiresAt)],
);
