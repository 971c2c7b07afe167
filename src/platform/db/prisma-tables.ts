import { boolean, integer, pgEnum, pgTable, text } from 'drizzle-orm/pg-core';
import { instant } from '#drizzle/schema/columns.ts';

/**
 * The columns of Prisma's tables that hot reads join, as Drizzle sees them. For reading: each table is written by the
 * capability that owns it, and described in full by prisma/schema, from which the migrations come.
 */
const userStatus = pgEnum('user_status', ['active', 'suspended']);

export const users = pgTable('users', {
  id: text('id').primaryKey(),
  displayName: text('display_name').notNull(),
  status: userStatus('status').notNull(),
  createdAt: instant('created_at').notNull(),
});

export const emailAddresses = pgTable('email_addresses', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  address: text('address').notNull(),
  normalised: text('normalised').notNull(),
  isPrimary: boolean('is_primary').notNull(),
});

export const memberships = pgTable('memberships', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  organisationId: text('organisation_id').notNull(),
  createdAt: instant('created_at').notNull(),
});

const sessionLimitAction = pgEnum('session_limit_action', ['refuse', 'evict_oldest']);

const sessionNetworkBinding = pgEnum('session_network_binding', ['none', 'subnet']);
const sessionClientBinding = pgEnum('session_client_binding', ['none', 'family']);

export const sessionPolicies = pgTable('session_policies', {
  organisationId: text('organisation_id').primaryKey(),
  idleTimeoutSeconds: integer('idle_timeout_seconds'),
  absoluteTimeoutSeconds: integer('absolute_timeout_seconds'),
  sessionLimit: integer('session_limit'),
  limitAction: sessionLimitAction('limit_action').notNull(),
  networkBinding: sessionNetworkBinding('network_binding').notNull(),
  clientBinding: sessionClientBinding('client_binding').notNull(),
  allowedNetworks: text('allowed_networks').array(),
});
