import { matchesFilter } from '#capabilities/events/event-filter.ts';
import type { EventStore } from '#capabilities/events/events.ports.ts';
import type { SecurityEvent } from '#capabilities/events/security-event.ts';

/** A log in memory, for tests of what reads it: `add` is the commit of an event, `sequence` gives it its place. */
export function memoryLog() {
  const outbox: SecurityEvent[] = [];
  const log: SecurityEvent[] = [];
  let made = 0;
  const store: Pick<EventStore, 'sequence' | 'readAfter' | 'lastPosition'> = {
    sequence: async (limit) => {
      const taken = outbox.splice(0, limit);
      for (const event of taken) log.push({ ...event, position: BigInt(log.length + 1) });
      return taken.length;
    },
    readAfter: async (position, filter, limit) =>
      log.filter((event) => event.position > position && matchesFilter(filter, event)).slice(0, limit),
    lastPosition: async () => BigInt(log.length),
  };
  return {
    store,
    add: (subjectId = 'usr_ada') => {
      made += 1;
      outbox.push({
        version: 1,
        id: `evt_${made}` as SecurityEvent['id'],
        type: 'login.succeeded',
        severity: 'info',
        occurredAt: '2026-01-31T12:00:00.000Z',
        actor: { kind: 'anonymous', id: null },
        subjectId,
        organisationId: 'org_one' as NonNullable<SecurityEvent['organisationId']>,
        sessionId: null,
        correlationId: 'test',
        data: {},
        personalDigest: null,
        position: 0n,
        personal: null,
      });
    },
  };
}
