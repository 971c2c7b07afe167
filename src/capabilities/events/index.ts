export { type Cursor, cursorOf, parseCursor } from './cursor.ts';
export { createEventFeed, type EventFeed } from './event-feed.ts';
export type { EventFilter } from './event-filter.ts';
export { drizzleEventStore, drizzleSubjectKeyStore } from './events.drizzle.ts';
export type { EventStore, EventWakeup, SubjectKeyStore } from './events.ports.ts';
export { createPersonalCipher, type PersonalCipher } from './personal-cipher.ts';
export {
  describeEvent,
  eventCatalogue,
  type EventDescription,
  type PersonalData,
  type SecurityEvent,
  type Severity,
  severities,
} from './security-event.ts';
export { appendEvent, type AppendEvent, type NewEvent } from './use-cases/append-event.ts';
export { watchEvents, type WatchEvents } from './use-cases/watch-events.ts';
export { watchSecurityEvents, type WatchSecurityEvents } from './use-cases/watch-security-events.ts';
export { memoryEventWakeup } from './wakeup.memory.ts';
export { postgresEventWakeup } from './wakeup.postgres.ts';
export { redisEventWakeup } from './wakeup.redis.ts';
export { wakingUnitOfWork } from './waking-unit-of-work.ts';
