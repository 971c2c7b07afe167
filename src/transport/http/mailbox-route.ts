import type { FastifyInstance } from 'fastify';
import type { DevelopmentMailbox } from '#platform/mail/index.ts';

/** The mails of the development mailbox, for the page at /dev/mailbox. Never registered where mail really goes out. */
export function serveDevelopmentMailbox(app: FastifyInstance, mailbox: DevelopmentMailbox): void {
  app.get('/dev/mailbox.json', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return mailbox.list();
  });
}
