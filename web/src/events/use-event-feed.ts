import { useEffect, useState, useSyncExternalStore } from 'react';
import { execute } from '../api/execute.ts';
import { EventFeed, type FeedState } from './event-feed.ts';
import { openSecurityEvents } from './open-security-events.ts';
import { SessionCheck } from './security-event.ts';

/** The live feed of the signed-in person. `onSessionEnded` is called once the server no longer knows the session. */
export function useEventFeed(onSessionEnded: () => void): FeedState {
  const [feed] = useState(() => new EventFeed());
  useEffect(() => {
    let left = false;
    const close = openSecurityEvents({
      event: (event) => feed.receive(event),
      connection: (state) => feed.connectionChanged(state),
      interrupted: async () => {
        if ((await isSignedOut()) && !left) onSessionEnded();
      },
    });
    return () => {
      left = true;
      close();
      feed.close();
    };
  }, [feed, onSessionEnded]);
  return useSyncExternalStore(feed.subscribe, feed.state);
}

/** True only when the server says so: while it cannot be reached, the session may well live. */
async function isSignedOut(): Promise<boolean> {
  try {
    return (await execute(SessionCheck, {})).viewer === null;
  } catch {
    return false;
  }
}
