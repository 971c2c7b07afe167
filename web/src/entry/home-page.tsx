import { AccountPage } from '../account/account-page.tsx';
import { useAccount } from '../account/use-account.ts';
import { assertNever } from '../api/assert-never.ts';
import { describeFailure } from '../api/request-failure.ts';
import { Notice } from '../controls/notice.tsx';
import { EntryFrame } from '../layout/entry-frame.tsx';
import { Loading } from '../layout/loading.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { SignedOutPage } from './signed-out-page.tsx';

/** The page at `/`: the account of whoever is signed in, else the way in. */
export function HomePage() {
  const account = useAccount();
  const { state } = account;
  switch (state.status) {
    case 'loading':
      return <Loading />;
    case 'signed-in':
      return <AccountPage viewer={state.viewer} account={account} />;
    case 'signed-out':
      return <SignedOutPage reason={state.reason} onSignedIn={account.reload} />;
    case 'failed':
      return (
        <EntryFrame>
          <PageHeading title="No answer" />
          <Notice tone="bad">{describeFailure(state.failure)}</Notice>
          <button type="button" className="button button-primary" onClick={account.reload}>
            Try again
          </button>
        </EntryFrame>
      );
    default:
      return assertNever(state);
  }
}
