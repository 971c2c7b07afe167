import type { Actor } from '#kernel/actor.ts';
import type { Clock } from '#kernel/clock.ts';
import { UnauthenticatedError } from '#kernel/errors.ts';
import { parseCursor, unknownCursor } from '../cursor.ts';
import type { EventStore } from '../events.ports.ts';
import type { SecurityEvent, Severity } from '../security-event.ts';
import type { WatchEvents } from './watch-events.ts';

export interface WatchSecurityEventsInput {
  readonly after?: string | null | undefined;
  readonly types?: readonly string[] | null | undefined;
  readonly minSeverity?: Severity | null | undefined;
  readonly scope: 'self' | 'organisation';
}

export interface WatchSecurityEventsDeps {
  readonly watch: WatchEvents;
  readonly store: Pick<EventStore, 'lastPosition' | 'readAfter'>;
  /** Throws when the actor may not read the events of the organisation that they act in. */
  readonly authorizeOrganisation: (actor: Actor) => Promise<void>;
  /** Throws when the actor may not read old events of the organisation now: that exports the log. */
  readonly authorizeExport: (actor: Actor) => void;
  readonly clock: Clock;
}

export type WatchSecurityEvents = (actor: Actor, input: WatchSecurityEventsInput) => Promise<AsyncIterable<SecurityEvent>>;

// Who resumes after an outage reads on from here without being asked; who begins earlier takes a copy of the log.
const resumableMs = 86_400_000;
// A permission that is taken away stops the stream with the first event that comes this much later.
const authorizedForMs = 1_000;

/**
 * The events that a person may see: their own, or with `event:read` those of their organisation, authorised again as events
 * flow. Events of the organisation from more than a day ago want a fresh proof of who the person is. Throws
 * UnauthenticatedError, ForbiddenError, StepUpRequiredError, and InvalidInputError for a cursor that no event came with.
 */
export const watchSecurityEvents =
  ({ watch, store, authorizeOrganisation, authorizeExport, clock }: WatchSecurityEventsDeps): WatchSecurityEvents =>
  async (actor, { after, types, minSeverity, scope }) => {
    if (actor.kind !== 'user') throw new UnauthenticatedError();
    const from = after == null ? undefined : parseCursor(after);
    if (from !== undefined && from > (await store.lastPosition())) throw unknownCursor();
    if (scope === 'organisation') await authorizeOrganisation(actor);
    const filter = { types: types ?? undefined, minSeverity: minSeverity ?? undefined };
    if (scope === 'self') return watch({ ...filter, subjectId: actor.userId }, from);

    const ofOrganisation = { ...filter, organisationId: actor.organisationId };
    if (from !== undefined) {
      const [oldest] = await store.readAfter(from, ofOrganisation, 1);
      if (oldest && clock.now().getTime() - Date.parse(oldest.occurredAt) > resumableMs) authorizeExport(actor);
    }
    const events = watch(ofOrganisation, from);
    let authorizedUntil = clock.now().getTime() + authorizedForMs;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const result = await events.next();
          const now = clock.now().getTime();
          if (now < authorizedUntil) return result;
          try {
            await authorizeOrganisation(actor);
          } catch (error) {
            // Whoever iterates doesn't call `return` after a failed `next`.
            await events.return?.();
            throw error;
          }
          authorizedUntil = now + authorizedForMs;
          return result;
        },
        return: async () => events.return?.() ?? { done: true, value: undefined },
      }),
    };
  };
