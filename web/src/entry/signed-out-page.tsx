import { useState } from 'react';
import type { SignedOutReason } from '../account/use-account.ts';
import { EntryFrame } from '../layout/entry-frame.tsx';
import { type EntryView, entryViewOf } from './entry-view.ts';
import { ForgotPassword } from './forgot-password.tsx';
import { LookIntoMailbox, type MailSent } from './look-into-mailbox.tsx';
import { SignInOrRegister } from './sign-in-or-register.tsx';

export function SignedOutPage({ reason, onSignedIn }: { readonly reason: SignedOutReason; onSignedIn(): void }) {
  const [view, setView] = useState<EntryView>(() => entryViewOf(location.hash));
  const [email, setEmail] = useState('');
  const [sent, setSent] = useState<MailSent | null>(null);

  function backToSignIn(): void {
    setSent(null);
    setView('sign-in');
  }

  if (sent !== null) {
    return (
      <EntryFrame>
        <LookIntoMailbox sent={sent} onBack={backToSignIn} />
      </EntryFrame>
    );
  }
  return (
    <EntryFrame>
      {view === 'forgot-password' ? (
        <ForgotPassword email={email} onEmail={setEmail} onSent={setSent} onBack={backToSignIn} />
      ) : (
        <SignInOrRegister
          view={view}
          reason={reason}
          email={email}
          onEmail={setEmail}
          onView={setView}
          onSent={setSent}
          onSignedIn={onSignedIn}
        />
      )}
    </EntryFrame>
  );
}
