import { assertNever } from './api/assert-never.ts';
import { HomePage } from './entry/home-page.tsx';
import { EntryFrame } from './layout/entry-frame.tsx';
import { Outcome } from './links/outcome.tsx';
import { ResetPasswordPage } from './links/reset-password-page.tsx';
import { SetupPage } from './links/setup-page.tsx';
import { UnknownDevicePage } from './links/unknown-device-page.tsx';
import { VerifyEmailPage } from './links/verify-email-page.tsx';
import { MailboxPage } from './mailbox/mailbox-page.tsx';
import { useLinkToken } from './routing/link-token.ts';
import { usePage } from './routing/location.ts';

/** The page that the address bar names. A second mailed link in the same tab starts its page afresh. */
export function App() {
  const page = usePage();
  const token = useLinkToken();
  switch (page) {
    case 'home':
      return <HomePage />;
    case 'mailbox':
      return <MailboxPage />;
    case 'verify-email':
      return (
        <EntryFrame>
          <VerifyEmailPage key={token.serial} token={token.value} />
        </EntryFrame>
      );
    case 'reset-password':
      return (
        <EntryFrame>
          <ResetPasswordPage key={token.serial} token={token.value} />
        </EntryFrame>
      );
    case 'setup':
      return (
        <EntryFrame>
          <SetupPage key={token.serial} token={token.value} />
        </EntryFrame>
      );
    case 'unknown-device':
      return (
        <EntryFrame>
          <UnknownDevicePage key={token.serial} token={token.value} />
        </EntryFrame>
      );
    case 'unknown':
      return (
        <EntryFrame>
          <Outcome title="There is no such page" to="/" linkLabel="Go to the first page">
            The address leads nowhere here.
          </Outcome>
        </EntryFrame>
      );
    default:
      return assertNever(page);
  }
}
