import { z } from 'zod';
import type { HotTx } from '#platform/db/index.ts';
import type { JobHandlers, JobQueue } from '#platform/jobs/index.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Hands a mail to whoever delivers it. `id` is the same on each try, so that a receiver can tell a repetition. */
export interface MailTransport {
  send(mail: Mail, id: string): Promise<void>;
}

/** Queues a mail in the transaction of what it tells of. */
export type SendMail = (tx: HotTx, mail: Mail) => Promise<void>;

const task = 'mail.send';
const queued = z.object({ to: z.string().min(3), subject: z.string(), text: z.string() });

export function queuedMail(jobs: JobQueue): SendMail {
  return (tx, { to, subject, text }) => jobs.enqueue(tx, task, { to, subject, text });
}

export function mailHandlers(transport: MailTransport): JobHandlers {
  return {
    [task]: async (payload, { jobId }) => transport.send(queued.parse(payload), jobId),
  };
}
