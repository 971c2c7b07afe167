import { useCallback, useEffect } from 'react';
import { changesSessions } from '../events/describe-event.ts';
import type { FeedState } from '../events/event-feed.ts';
import { EventsCard } from '../events/events-card.tsx';
import { useEventFeed } from '../events/use-event-feed.ts';
import { AppFrame } from '../layout/app-frame.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { SessionsCard } from '../sessions/sessions-card.tsx';
import { ChangePasswordCard } from './change-password-card.tsx';
import { ProfileCard } from './profile-card.tsx';
import { SignOutButton } from './sign-out-button.tsx';
import type { AccountStore, Viewer } from './use-account.ts';

/** A signed-in person's own page: who one is, where one is signed in, and what happens to the account, live. */
export function AccountPage({ viewer, account }: { readonly viewer: Viewer; readonly account: AccountStore }) {
  const { reload, signedOut, showMoreSessions } = account;
  const onSessionEnded = useCallback(() => signedOut('ended'), [signedOut]);
  const feed = useEventFeed(onSessionEnded);

  useSessionsKeptCurrent(feed, reload);

  return (
    <AppFrame context={viewer.organisation.name} actions={<SignOutButton onSignedOut={() => signedOut('left')} />}>
      <PageHeading title={`Hello, ${viewer.user.displayName}`} documentTitle="Your account" />
      <div className="account-grid">
        <div className="account-column">
          <ProfileCard viewer={viewer} />
          <SessionsCard
            sessions={viewer.sessions}
            onChanged={reload}
            onShowMore={showMoreSessions}
            onSessionEnded={onSessionEnded}
          />
          <ChangePasswordCard viewer={viewer} onChanged={reload} onSessionEnded={onSessionEnded} />
        </div>
        <EventsCard feed={feed} />
      </div>
    </AppFrame>
  );
}

/**
 * Loads the account anew when the log tells of a change to the sessions. That includes the end of the first replay: what
 * happened between loading the account and opening the feed stands there among the older events.
 */
function useSessionsKeptCurrent(feed: FeedState, reload: () => void): void {
  const newest = feed.events.find((event) => changesSessions(event.type))?.id;
  useEffect(() => {
    if (feed.caughtUp && newest !== undefined) reload();
  }, [feed.caughtUp, newest, reload]);
}
