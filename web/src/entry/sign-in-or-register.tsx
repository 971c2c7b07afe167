import type { SignedOutReason } from '../account/use-account.ts';
import { Tabs } from '../controls/tabs.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import type { EntryView } from './entry-view.ts';
import type { MailSent } from './look-into-mailbox.tsx';
import { RegisterForm } from './register-form.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { SignedOutNotice } from './signed-out-notice.tsx';

export interface SignInOrRegisterProps {
  readonly view: 'sign-in' | 'register';
  readonly reason: SignedOutReason;
  readonly email: string;
  onEmail(email: string): void;
  onView(view: EntryView): void;
  onSent(sent: MailSent): void;
  onSignedIn(): void;
}

const tabs = [
  { key: 'sign-in', title: 'Sign in' },
  { key: 'register', title: 'Register' },
] as const;

export function SignInOrRegister({ view, reason, email, onEmail, onView, onSent, onSignedIn }: SignInOrRegisterProps) {
  return (
    <>
      <PageHeading title="Welcome" documentTitle="Sign in" />
      <SignedOutNotice reason={reason} />
      <Tabs label="Sign in or register" tabs={tabs} selected={view} onSelect={onView}>
        {view === 'sign-in' ? (
          <SignInForm
            email={email}
            onEmail={onEmail}
            onSent={onSent}
            onSignedIn={onSignedIn}
            onForgotten={() => onView('forgot-password')}
          />
        ) : (
          <RegisterForm email={email} onEmail={onEmail} onSent={onSent} />
        )}
      </Tabs>
    </>
  );
}
