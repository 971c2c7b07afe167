import { describe, expect, it } from 'vitest';
import { EventSeverity } from '../gql/graphql.ts';
import { type ListedEvent, prependEvents } from './event-list.ts';

function event(id: string): ListedEvent {
  return {
    id,
    cursor: id,
    type: 'login.succeeded',
    occurredAt: '2026-05-04T12:00:00Z',
    severity: EventSeverity.Info,
    ipAddress: null,
    userAgent: null,
    fresh: false,
  };
}

const ids = (events: readonly ListedEvent[]) => events.map((one) => one.id);

describe('prependEvents', () => {
  it('puts the newest first', () => {
    expect(ids(prependEvents([event('2'), event('1')], [event('3'), event('4')], 10))).toEqual(['4', '3', '2', '1']);
  });

  it('lists an event once, however often it is delivered', () => {
    expect(ids(prependEvents([event('2'), event('1')], [event('2'), event('3'), event('3')], 10))).toEqual(['3', '2', '1']);
  });

  it('returns the very same list when nothing is new, so that nothing is rendered', () => {
    const listed = [event('1')];
    expect(prependEvents(listed, [event('1')], 10)).toBe(listed);
  });

  it('keeps the newest when there are more than the limit', () => {
    const arrived = Array.from({ length: 250 }, (_, index) => event(String(index)));
    const listed = prependEvents([event('before')], arrived, 100);
    expect(listed).toHaveLength(100);
    expect(listed[0]?.id).toBe('249');
  });
});
