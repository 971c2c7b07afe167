import type { FeedConnection } from './event-feed.ts';

const words: Readonly<Record<FeedConnection, string>> = {
  connecting: 'Connecting…',
  live: 'Live',
  reconnecting: 'Reconnecting…',
};

export function ConnectionIndicator({ connection }: { readonly connection: FeedConnection }) {
  return (
    <p className="connection" data-state={connection} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {words[connection]}
    </p>
  );
}
