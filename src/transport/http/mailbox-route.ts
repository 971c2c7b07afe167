import type { FastifyInstance } from 'fastify';
import { NotFoundError } from '#kernel/errors.ts';
import type { DevelopmentMailbox } from '#platform/mail/index.ts';
import { isOwnHost } from './own-host.ts';

/**
 * The mails of the development mailbox, for the page at /dev/mailbox. Never registered where mail really goes out. They hold
 * links that sign people up, so no page of another name that leads to this machine gets them (DNS rebinding).
 */
export function serveDevelopmentMailbox(app: FastifyInstance, mailbox: DevelopmentMailbox, publicUrl: URL): void {
  app.get('/dev/mailbox.json', async (request, reply) => {
    if (!isOwnHost(request.headers.host, publicUrl)) throw new NotFoundError();
    reply.header('cache-control', 'no-store');
    return mailbox.list();
  });
}
