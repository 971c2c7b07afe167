export { type DevelopmentMailbox, developmentMailbox, type StoredMail } from './development-mailbox.ts';
export { type Mail, type MailTransport, mailHandlers, queuedMail, type SendMail } from './mail.ts';
export { smtpTransport } from './smtp-transport.ts';
