import { useState } from 'react';
import { Notice } from '../controls/notice.tsx';
import { AppFrame } from '../layout/app-frame.tsx';
import { Loading } from '../layout/loading.tsx';
import { PageHeading } from '../layout/page-heading.tsx';
import { Link } from '../routing/link.tsx';
import { MailList } from './mail-list.tsx';
import { MailView } from './mail-view.tsx';
import { type MailboxState, useMailbox } from './use-mailbox.ts';

/** Every mail that the server would have sent, for whoever tries it out on their own machine. */
export function MailboxPage() {
  const state = useMailbox();
  return (
    <AppFrame
      context="Development mailbox"
      actions={
        <Link to="/" className="button button-quiet button-small">
          Back to the app
        </Link>
      }
    >
      <PageHeading title="Mailbox" documentTitle="Development mailbox" />
      <p className="lead">In development no mail leaves this machine: it arrives here instead, and the newest stands on top.</p>
      <Mailbox state={state} />
    </AppFrame>
  );
}

function Mailbox({ state }: { readonly state: MailboxState }) {
  const [chosen, setChosen] = useState<string | null>(null);
  if (state.status === 'loading') return <Loading />;
  if (state.status === 'absent')
    return <Notice tone="calm">This server has no mailbox page: it sends its mail to the people it is meant for.</Notice>;
  const mail = state.mails.find((one) => one.id === chosen) ?? state.mails[0];
  return (
    <>
      {!state.reachable && <Notice tone="bad">The server does not answer; trying again every two seconds.</Notice>}
      {mail === undefined ? (
        <p className="card empty">No mail yet. Register an account, and the first one arrives.</p>
      ) : (
        <div className="mailbox">
          <MailList mails={state.mails} selected={mail.id} onSelect={setChosen} />
          <MailView key={mail.id} mail={mail} />
        </div>
      )}
    </>
  );
}
