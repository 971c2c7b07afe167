import { describeAbsolute } from '../time/describe-time.ts';
import { linkify } from './linkify.ts';
import type { DevelopmentMail } from './read-mailbox.ts';

export function MailView({ mail }: { readonly mail: DevelopmentMail }) {
  return (
    <article className="card mail" aria-label={mail.subject}>
      <h2>{mail.subject}</h2>
      <p className="meta">
        <span>to {mail.to}</span>
        <span>{describeAbsolute(mail.sentAt)}</span>
      </p>
      <div className="mail-text">
        {linkify(mail.text, mail.links).map((part) =>
          part.href === null ? (
            part.text
          ) : (
            <a key={part.at} href={part.href} className="breakable">
              {part.text}
            </a>
          ),
        )}
      </div>
    </article>
  );
}
