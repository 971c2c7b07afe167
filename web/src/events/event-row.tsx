import { describeDevice } from '../device/describe-device.ts';
import { RelativeTime } from '../time/relative-time.tsx';
import { describeEvent } from './describe-event.ts';
import type { ListedEvent } from './event-list.ts';
import { SeverityBadge } from './severity-badge.tsx';

export function EventRow({ event }: { readonly event: ListedEvent }) {
  return (
    <li className="event" data-severity={event.severity} data-fresh={event.fresh || undefined}>
      <span className="event-dot" aria-hidden="true" />
      <div className="event-text">
        <p className="event-title">
          {describeEvent(event.type)} <SeverityBadge severity={event.severity} />
        </p>
        <p className="meta">
          <RelativeTime iso={event.occurredAt} />
          {event.ipAddress !== null && <span>{event.ipAddress}</span>}
          {event.userAgent !== null && <span>{describeDevice(event.userAgent).label}</span>}
        </p>
      </div>
    </li>
  );
}
