import { useEffect, useState } from 'react';
import { type DevelopmentMail, readMailbox } from './read-mailbox.ts';

export type MailboxState =
  | { readonly status: 'loading' }
  | { readonly status: 'absent' }
  | { readonly status: 'open'; readonly mails: readonly DevelopmentMail[]; readonly reachable: boolean };

const pollMs = 2_000;

/** The development mailbox, read again every two seconds while the page is visible. */
export function useMailbox(): MailboxState {
  const [state, setState] = useState<MailboxState>({ status: 'loading' });
  useEffect(() => {
    let closed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function poll(): Promise<void> {
      if (!document.hidden) {
        const next = await readMailbox().then(read, () => unreachable);
        if (closed) return;
        setState(next);
      }
      timer = setTimeout(() => void poll(), pollMs);
    }
    void poll();
    return () => {
      closed = true;
      clearTimeout(timer);
    };
  }, []);
  return state;
}

function read(mails: readonly DevelopmentMail[] | null): () => MailboxState {
  return () => (mails === null ? { status: 'absent' } : { status: 'open', mails, reachable: true });
}

/** While the server restarts, the mails that were read stay on the page. */
function unreachable(before: MailboxState): MailboxState {
  return before.status === 'open' ? { ...before, reachable: false } : { status: 'open', mails: [], reachable: false };
}
