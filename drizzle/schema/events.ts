import { bigint, bigserial, index, pgTable, text } from 'drizzle-orm/pg-core';
import { bytes, instant } from './columns.ts';

// Owned by capabilities/events.

const envelope = () => ({
  type: text('type').notNull(),
  occurredAt: instant('occurred_at').notNull(),
  severity: text('severity', { enum: ['info', 'notice', 'warning', 'critical'] }).notNull(),
  organisationId: text('organisation_id'),
  actorId: text('actor_id'),
  subjectId: text('subject_id'),
  sessionId: text('session_id'),
  /** The event without its personal data, as canonical JSON (RFC 8785): what a hash over the log commits to. */
  canonical: bytes('canonical').notNull(),
  /** Personal data, encrypted under the key that `personalKeyId` names; unreadable once that key is destroyed. */
  personal: bytes('personal'),
  personalKeyId: text('personal_key_id'),
});

/** Where a use case appends, in its own transaction. Committed rows move to the log, which gives them their position. */
export const eventOutbox = pgTable('event_outbox', {
  sequence: bigserial('sequence', { mode: 'bigint' }).primaryKey(),
  id: text('id').notNull().unique(),
  ...envelope(),
});

/** Insert-only. Positions are contiguous, so that a reader who has seen position n has seen all before it. */
export const eventLog = pgTable(
  'event_log',
  {
    position: bigint('position', { mode: 'bigint' }).primaryKey(),
    id: text('id').notNull().unique(),
    ...envelope(),
  },
  (table) => [
    index('event_log_subject_id_position_idx').on(table.subjectId, table.position),
    index('event_log_organisation_id_position_idx').on(table.organisationId, table.position),
  ],
);

/** One data key per subject, wrapped under the master key. Destroying it is how personal data in the log is erased. */
export const subjectKeys = pgTable('subject_keys', {
  id: text('id').primaryKey(),
  wrappedKey: bytes('wrapped_key'),
  createdAt: instant('created_at').notNull(),
  destroyedAt: instant('destroyed_at'),
});
