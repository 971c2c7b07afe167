import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventSeverity } from '../gql/graphql.ts';
import { EventFeed } from './event-feed.ts';

function event(id: string) {
  return {
    id,
    cursor: id,
    type: 'login.succeeded',
    occurredAt: '2026-05-04T12:00:00Z',
    severity: EventSeverity.Info,
    ipAddress: null,
    userAgent: null,
  };
}

describe('EventFeed', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('shows a replayed burst as history, by few changes, and what follows as fresh', () => {
    const feed = new EventFeed();
    const changed = vi.fn();
    feed.subscribe(changed);
    feed.connectionChanged('live');
    for (let index = 0; index < 500; index += 1) feed.receive(event(String(index)));
    vi.advanceTimersByTime(1_000);
    expect(feed.state().caughtUp).toBe(true);
    expect(feed.state().events.every((one) => !one.fresh)).toBe(true);
    expect(changed.mock.calls.length).toBeLessThan(5);

    feed.receive(event('live'));
    vi.advanceTimersByTime(1_000);
    expect(feed.state().events[0]).toMatchObject({ id: 'live', fresh: true });
  });

  it('has caught up with an empty log too, but not before it is connected', () => {
    const feed = new EventFeed();
    vi.advanceTimersByTime(60_000);
    expect(feed.state()).toMatchObject({ connection: 'connecting', caughtUp: false });
    feed.connectionChanged('live');
    vi.advanceTimersByTime(1_000);
    expect(feed.state()).toMatchObject({ connection: 'live', caughtUp: true, events: [] });
  });

  it('keeps what it shows while the connection is away', () => {
    const feed = new EventFeed();
    feed.connectionChanged('live');
    feed.receive(event('1'));
    vi.advanceTimersByTime(1_000);
    feed.connectionChanged('reconnecting');
    expect(feed.state()).toMatchObject({ connection: 'reconnecting', events: [{ id: '1' }] });
  });

  it('works on after it was closed and connected anew', () => {
    const feed = new EventFeed();
    feed.receive(event('1'));
    feed.close();
    feed.receive(event('2'));
    vi.advanceTimersByTime(1_000);
    expect(feed.state().events.map((one) => one.id)).toEqual(['2']);
  });
});
