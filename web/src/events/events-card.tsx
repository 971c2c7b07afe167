import { Card } from '../layout/card.tsx';
import { ConnectionIndicator } from './connection-indicator.tsx';
import { describeEvent } from './describe-event.ts';
import type { FeedState } from './event-feed.ts';
import { EventRow } from './event-row.tsx';

/** The ticker of one's own security events. Screen readers hear of new ones only, not of the history that is read back. */
export function EventsCard({ feed }: { readonly feed: FeedState }) {
  const [newest] = feed.events;
  return (
    <Card title="Security events" aside={<ConnectionIndicator connection={feed.connection} />} className="events-card">
      <p className="visually-hidden" aria-live="polite">
        {newest?.fresh ? describeEvent(newest.type) : ''}
      </p>
      {feed.events.length === 0 ? (
        <p className="empty">
          {feed.caughtUp ? 'Nothing has happened yet. What happens to your account appears here at once.' : 'Reading the log…'}
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls has to be reachable by the keyboard.
        <ol className="events" aria-label="Security events, newest first" tabIndex={0}>
          {feed.events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ol>
      )}
    </Card>
  );
}
