import { PageHeading } from '../layout/page-heading.tsx';
import { useDevelopmentMailbox } from '../mailbox/use-development-mailbox.ts';
import { Link } from '../routing/link.tsx';

export interface MailSent {
  readonly reason: 'registration' | 'challenge' | 'reset';
  readonly email: string;
}

const words: Readonly<Record<MailSent['reason'], string>> = {
  registration: 'We have written to this address. Follow the link in the mail to confirm it; then you can sign in.',
  challenge:
    'Your password was right, but this address is not confirmed yet. Follow the link in the newest mail. If you have had many mails lately, no further one may come for a while.',
  reset: 'If there is an account for this address, a mail with a link to choose a new password is on its way.',
};

export function LookIntoMailbox({ sent, onBack }: { readonly sent: MailSent; onBack(): void }) {
  const development = useDevelopmentMailbox();
  return (
    <>
      <svg className="envelope" viewBox="0 0 48 36" aria-hidden="true">
        <path d="M4 3h40a2 2 0 0 1 2 2v26a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM3 5l21 16L45 5" />
      </svg>
      <PageHeading title="Look into your mailbox" />
      <p className="lead">
        <strong className="breakable">{sent.email}</strong>
      </p>
      <p className="muted">{words[sent.reason]}</p>
      <div className="form-actions">
        {development && (
          <Link to="/dev/mailbox" className="button button-primary">
            Open the development mailbox
          </Link>
        )}
        <button type="button" className="button button-quiet" onClick={onBack}>
          Back to sign in
        </button>
      </div>
    </>
  );
}
