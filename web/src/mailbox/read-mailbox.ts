/** A mail that the server sent while in development. */
export interface DevelopmentMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly links: readonly string[];
  readonly sentAt: string;
}

/** The development mailbox, newest first; null where the server has none, as in production. */
export async function readMailbox(): Promise<readonly DevelopmentMail[] | null> {
  const response = await fetch('/dev/mailbox.json', {
    credentials: 'same-origin',
    cache: 'no-store',
    headers: { accept: 'application/json' },
  });
  if (!response.ok) return null;
  const mails: unknown = await response.json();
  return Array.isArray(mails) ? mails.filter(isMail) : null;
}

function isMail(value: unknown): value is DevelopmentMail {
  if (typeof value !== 'object' || value === null) return false;
  const mail = value as Partial<Record<keyof DevelopmentMail, unknown>>;
  const texts = [mail.id, mail.to, mail.subject, mail.text, mail.sentAt];
  return (
    texts.every((text) => typeof text === 'string') &&
    Array.isArray(mail.links) &&
    mail.links.every((link) => typeof link === 'string')
  );
}
