import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import { eventLog, eventOutbox, subjectKeys } from '#drizzle/schema/events.ts';
import { type Database, type DrizzleDatabase, type HotTx, perConnection } from '#platform/db/index.ts';
import { type EventFilter, severitiesFrom } from './event-filter.ts';
import type { EventStore, SubjectKeyStore } from './events.ports.ts';
import type { EventRecord, SecurityEvent } from './security-event.ts';

// Any fixed number will do as long as nothing else in the database takes it.
const sequencerLock = 7_255_091_334n;

/**
 * Waits for the sequencer before it. The lock is let go after that one's commit is visible, and the second statement takes
 * its own snapshot: so positions are contiguous and follow the order of the commits of sequencers.
 */
const sequenceText = (limit: number): string => `select pg_advisory_xact_lock(${sequencerLock});
  with taken as (
    delete from event_outbox where sequence in (select sequence from event_outbox order by sequence limit ${Math.trunc(limit)}) returning *
  )
  insert into event_log (position, id, type, occurred_at, severity, organisation_id, actor_id, subject_id, session_id,
                         canonical, personal, personal_key_id)
  select (select coalesce(max(position), 0) from event_log) + row_number() over (order by sequence),
         id, type, occurred_at, severity, organisation_id, actor_id, subject_id, session_id, canonical, personal, personal_key_id
  from taken`;

export function drizzleEventStore(db: Database): EventStore {
  const appending = perConnection((on) =>
    on
      .insert(eventOutbox)
      .values({
        id: sql.placeholder('id'),
        type: sql.placeholder('type'),
        occurredAt: sql.placeholder('occurredAt'),
        severity: sql.placeholder('severity'),
        organisationId: sql.placeholder('organisationId'),
        actorId: sql.placeholder('actorId'),
        subjectId: sql.placeholder('subjectId'),
        sessionId: sql.placeholder('sessionId'),
        canonical: sql.placeholder('canonical'),
        personal: sql.placeholder('personal'),
        personalKeyId: sql.placeholder('personalKeyId'),
      })
      .prepare('event_append'),
  );

  return {
    append: async (tx, record, canonical, personal) => {
      await appending(tx.drizzle).execute({
        id: record.id,
        type: record.type,
        occurredAt: new Date(record.occurredAt),
        severity: record.severity,
        organisationId: record.organisationId,
        actorId: record.actor.id,
        subjectId: record.subjectId,
        sessionId: record.sessionId,
        canonical,
        personal: personal?.ciphertext ?? null,
        personalKeyId: personal?.keyId ?? null,
      });
    },

    sequence: async (limit) => {
      // Two statements in one message are one transaction: one trip to the server instead of four. Without parameters, which
      // only a single statement can have.
      const results: unknown = await db.pool.query(sequenceText(limit));
      const [, moved] = results as [unknown, { readonly rowCount: number | null }];
      return moved.rowCount ?? 0;
    },

    readAfter: async (position, filter, limit) => {
      const rows = await db.drizzle
        .select()
        .from(eventLog)
        .where(and(gt(eventLog.position, position), ...conditions(filter)))
        .orderBy(asc(eventLog.position))
        .limit(limit);
      return rows.map(toEvent);
    },

    lastPosition: async () => {
      const [row] = await db.drizzle
        .select({ position: eventLog.position })
        .from(eventLog)
        .orderBy(desc(eventLog.position))
        .limit(1);
      return row?.position ?? 0n;
    },
  };
}

function conditions(filter: EventFilter) {
  return [
    filter.types ? inArray(eventLog.type, [...filter.types]) : undefined,
    filter.minSeverity ? inArray(eventLog.severity, [...severitiesFrom(filter.minSeverity)]) : undefined,
    filter.subjectId === undefined ? undefined : eq(eventLog.subjectId, filter.subjectId),
    filter.organisationId === undefined ? undefined : eq(eventLog.organisationId, filter.organisationId),
  ];
}

function toEvent(row: typeof eventLog.$inferSelect): SecurityEvent {
  const record = JSON.parse(row.canonical.toString()) as EventRecord;
  const personal = row.personal && row.personalKeyId ? { keyId: row.personalKeyId, ciphertext: row.personal } : null;
  return { ...record, position: row.position, personal };
}

export function drizzleSubjectKeyStore(db: Database): SubjectKeyStore {
  return {
    obtain: async (keyId, fresh, at, tx?: HotTx) => {
      const on = tx?.drizzle ?? db.drizzle;
      const existing = await find(on, keyId);
      if (existing) return { wrappedKey: existing.wrappedKey, created: false };
      const inserted = await on
        .insert(subjectKeys)
        .values({ id: keyId, wrappedKey: fresh, createdAt: at })
        .onConflictDoNothing()
        .returning({ id: subjectKeys.id });
      if (inserted.length > 0) return { wrappedKey: fresh, created: true };
      // Another transaction made it between the two statements and has committed: its key counts.
      return { wrappedKey: (await find(on, keyId))?.wrappedKey ?? null, created: false };
    },
    find: async (keyId) => (await find(db.drizzle, keyId))?.wrappedKey ?? null,
  };
}

async function find(on: DrizzleDatabase, keyId: string) {
  const [row] = await on.select({ wrappedKey: subjectKeys.wrappedKey }).from(subjectKeys).where(eq(subjectKeys.id, keyId));
  return row;
}
