import type { StoredMail } from '#platform/mail/index.ts';
import type { TestApp } from './make-test-app.ts';
import type { Rows } from './rows.ts';

const attempts = 400;
const pauseMs = 25;

/** Looks until `found` gives something, for at most ten seconds: for what the product does in the background. */
async function until<T>(what: string, found: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const result = await found();
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  throw new Error(`${what}: it did not come about within ${(attempts * pauseMs) / 1000} seconds`);
}

/** Waits until nothing is due: only then may a test say that no mail came. Fails where a job failed. */
export async function jobsDone(rows: Rows): Promise<void> {
  await until('an empty job queue', async () => {
    const jobs = await rows.query<{ task: string; last_error: string | null }>(
      'select task_identifier as task, last_error from graphile_worker.jobs where run_at <= now() or last_error is not null',
    );
    const failed = jobs.find(({ last_error }) => last_error !== null);
    if (failed) throw new Error(`the job ${failed.task} failed: ${failed.last_error}`);
    return jobs.length === 0 ? true : undefined;
  });
}

/** Makes what waits for its time due now: jobs go by the clock of PostgreSQL, which tests can't move. */
export async function hurryJobs(rows: Rows): Promise<void> {
  await rows.query(
    'select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs where run_at > now()), run_at := now())',
  );
  await jobsDone(rows);
}

/** All mail to this address once nothing is queued any more, newest first. */
export async function allMailTo(app: TestApp, rows: Rows, to: string, subject = /./): Promise<StoredMail[]> {
  await jobsDone(rows);
  return (await app.mailbox.list()).filter((mail) => mail.to === to && subject.test(mail.subject));
}

export interface AppendedEvent {
  readonly type: string;
  readonly subjectId: string | null;
  readonly severity: string;
}

/** What was appended about this subject, or about nobody, wherever it stands by now. */
export async function eventsAbout(rows: Rows, subjectId: string | null, type = '%'): Promise<AppendedEvent[]> {
  return rows.query<Record<string, unknown> & AppendedEvent>(
    `select type, subject_id as "subjectId", severity from (
       select id, type, subject_id, severity from event_log union select id, type, subject_id, severity from event_outbox
     ) as appended where subject_id is not distinct from $1 and type like $2`,
    [subjectId, type],
  );
}
