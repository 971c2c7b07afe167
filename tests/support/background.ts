import type { StoredMail } from '#platform/mail/index.ts';
import type { TestApp } from './make-test-app.ts';
import type { Rows } from './rows.ts';

const attempts = 1_000;
const pauseMs = 25;

/** Looks until `found` gives something, which the product does in the background; the limit only ends a failing test. */
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

const eventColumns = 'id, type, severity, subject_id, session_id, canonical';

/**
 * What was appended, wherever it stands by now, to be read `order by part, place`: in the log first, in its order, then what
 * waits to be moved there. The time of an event orders nothing: those of one moment have the same.
 */
export const appendedEvents = `select 0 as part, position as place, ${eventColumns} from event_log
  union all select 1, sequence, ${eventColumns} from event_outbox`;

export interface AppendedEvent {
  readonly type: string;
  readonly subjectId: string | null;
  readonly severity: string;
}

/** What was appended about this subject, or about nobody, in the order of the log. */
export async function eventsAbout(rows: Rows, subjectId: string | null, type = '%'): Promise<AppendedEvent[]> {
  return rows.query<Record<string, unknown> & AppendedEvent>(
    `select type, subject_id as "subjectId", severity from (${appendedEvents}) as appended
     where subject_id is not distinct from $1 and type like $2 order by part, place`,
    [subjectId, type],
  );
}
