import { useEffect, useState } from 'react';
import { readMailbox } from './read-mailbox.ts';

/** Whether this server shows its mail on a page, which it does in development only. */
export function useDevelopmentMailbox(): boolean {
  const [present, setPresent] = useState(false);
  useEffect(() => {
    readMailbox().then(
      (mails) => setPresent(mails !== null),
      () => setPresent(false),
    );
  }, []);
  return present;
}
