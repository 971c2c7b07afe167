import type { SecurityEventsSubscription } from '../gql/graphql.ts';

export type SecurityEvent = SecurityEventsSubscription['securityEvents'];

export interface ListedEvent extends SecurityEvent {
  /** It happened while the page was open, rather than being read back from the log. */
  readonly fresh: boolean;
}

/**
 * Puts arrived events before those already listed, newest first, at most `limit` of them.
 * Delivery is at least once, so an event that is listed already is left out.
 */
export function prependEvents(
  listed: readonly ListedEvent[],
  arrived: readonly ListedEvent[],
  limit: number,
): readonly ListedEvent[] {
  const seen = new Set(listed.map((event) => event.id));
  const added: ListedEvent[] = [];
  for (const event of arrived) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    added.push(event);
  }
  return added.length === 0 ? listed : [...added.reverse(), ...listed].slice(0, limit);
}
