import { RelativeTime } from '../time/relative-time.tsx';
import type { DevelopmentMail } from './read-mailbox.ts';

export interface MailListProps {
  readonly mails: readonly DevelopmentMail[];
  readonly selected: string;
  onSelect(id: string): void;
}

export function MailList({ mails, selected, onSelect }: MailListProps) {
  return (
    <ul className="mails" aria-label="Mails, newest first">
      {mails.map((mail) => (
        <li key={mail.id}>
          <button type="button" className="mail-item" aria-current={mail.id === selected} onClick={() => onSelect(mail.id)}>
            <span className="mail-subject">{mail.subject}</span>
            <span className="meta">
              <span>{mail.to}</span>
              <span>
                <RelativeTime iso={mail.sentAt} />
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
