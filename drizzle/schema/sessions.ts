import { sql } from 'drizzle-orm';
import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';
import { devices } from './devices.ts';

// Owned by capabilities/sessions.

export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    // The foreign keys to users and organisations (tables of Prisma's) stand in the migration's SQL.
    userId: text('user_id').notNull(),
    organisationId: text('organisation_id').notNull(),
    /** SHA-256 of the opaque token in the cookie; null where the client holds access and refresh tokens instead. */
    tokenHash: bytes('token_hash').unique(),
    /** Authentication method references (RFC 8176). */
    amr: text('amr').array().notNull(),
    authTime: instant('auth_time').notNull(),
    createdAt: instant('created_at').notNull(),
    lastUsedAt: instant('last_used_at').notNull(),
    /** The organisation's when it began, in seconds; null where it had none of its own. */
    idleTimeoutSeconds: integer('idle_timeout_seconds'),
    idleExpiresAt: instant('idle_expires_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    revokedAt: instant('revoked_at'),
    revokedReason: text('revoked_reason'),
    ipAddress: text('ip_address').notNull(),
    userAgent: text('user_agent').notNull(),
    /** Thumbprint of the client's key that the tokens are bound to (RFC 9449, 6.1); null for bearer tokens and cookies. */
    dpopJkt: text('dpop_jkt'),
    /** `subnet`: it is good in the network of `ip_address` alone; null: in any. The organisation's when it began, as below. */
    networkBinding: text('network_binding').$type<'subnet'>(),
    /** `family`: it is good for the browser or app that `user_agent` names alone, of whatever version; null: for any. */
    clientBinding: text('client_binding').$type<'family'>(),
    /** The address ranges in which it may be used (CIDR); null: anywhere. */
    allowedNetworks: text('allowed_networks').array(),
    deviceId: text('device_id').references(() => devices.id, { onDelete: 'set null' }),
  },
  (table) => [
    index('sessions_user_id_created_at_idx').on(table.userId, table.createdAt),
    // For a policy that changes: its job walks through the sessions of one organisation.
    index('sessions_organisation_id_id_idx').on(table.organisationId, table.id),
    index('sessions_expires_at_idx').on(table.expiresAt),
    index('sessions_revoked_at_idx').on(table.revokedAt).where(sql`revoked_at is not null`),
    index('sessions_device_id_idx').on(table.deviceId),
  ],
);

export const refreshTokens = pgTable(
  'refresh_tokens',
  {
    id: text('id').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .references(() => sessions.id, { onDelete: 'cascade' }),
    tokenHash: bytes('token_hash').notNull().unique(),
    createdAt: instant('created_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    consumedAt: instant('consumed_at'),
    /** With the consumed token itself and a key that the database does not hold, this gives the successor again. */
    successorNonce: bytes('successor_nonce'),
  },
  (table) => [
    index('refresh_tokens_session_id_idx').on(table.sessionId),
    index('refresh_tokens_expires_at_idx').on(table.expiresAt),
  ],
);
