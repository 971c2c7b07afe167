import { createTransport } from 'nodemailer';
import type { Secret } from '#kernel/secret.ts';
import type { MailTransport } from './mail.ts';

// Of each step: the name, the connection, the greeting, and silence after it. The whole job has a deadline of its own.
const timeoutMs = 15_000;

/** Delivers by SMTP (RFC 5321). Throws when the server does not take the mail: the job tries again later. */
export function smtpTransport(options: {
  readonly url: Secret<string>;
  readonly from: string;
  readonly messageIdHost: string;
}): MailTransport {
  const smtp = createTransport({
    url: options.url.reveal(),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
  });
  return {
    send: async (mail, id) => {
      await smtp.sendMail({
        from: options.from,
        to: mail.to,
        subject: mail.subject,
        text: mail.text,
        messageId: `<${id}@${options.messageIdHost}>`,
        // RFC 3834: keeps out-of-office answers away.
        headers: { 'Auto-Submitted': 'auto-generated' },
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    },
  };
}
