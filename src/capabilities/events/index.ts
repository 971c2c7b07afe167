export { createEventFeed, type EventFeed } from './event-feed.ts';
export type { EventFilter } from './event-filter.ts';
export { drizzleEventStore, drizzleSubjectKeyStore } from './events.drizzle.ts';
export type { EventStore, EventWakeup, SubjectKeyStore } from './events.ports.ts';
export { createPersonalCipher, type PersonalCipher } from './personal-cipher.ts';
export {
  describeEvent,
  type EventDescription,
  eventCatalogue,
  type PersonalData,
  type SecurityEvent,
  type Severity,
} from './security-event.ts';
export { type AppendEvent, appendEvent, type NewEvent } from './use-cases/append-event.ts';
export { type WatchEvents, watchEvents } from './use-cases/watch-events.ts';
export { type WatchSecurityEvents, watchSecurityEvents } from './use-cases/watch-security-events.ts';
export { postgresEventWakeup } from './wakeup.postgres.ts';
export { redisEventWakeup } from './wakeup.redis.ts';
export { wakingUnitOfWork } from './waking-unit-of-work.ts';
