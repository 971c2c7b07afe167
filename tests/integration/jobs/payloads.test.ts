import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createSealer } from '#platform/crypto/index.ts';
import { createPool } from '#platform/db/index.ts';
import { startJobWorker } from '#platform/jobs/index.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { registeredPerson } from '#tests/support/stories.ts';

const patience = { timeout: 15_000, interval: 20 };

let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

const sealerOf = (key: string) => createSealer(new Secret(Buffer.from(key, 'base64url')), 'job-payload');
const sealed = (payload: unknown, task: string, sealer = sealerOf(app.masterKey)) => ({
  sealed: sealer.seal(Buffer.from(JSON.stringify(payload)), task).toString('base64'),
  correlationId: null,
});

async function enqueue(task: string, stored: unknown): Promise<string> {
  const [job] = await rows.query<{ id: string }>('select id::text from graphile_worker.add_job($1, payload := $2::json)', [
    task,
    JSON.stringify(stored),
  ]);
  if (!job) throw new Error('no job');
  return job.id;
}

async function failureOf(id: string): Promise<string | null> {
  const [job] = await rows.query<{ last_error: string | null }>(
    'select last_error from graphile_worker._private_jobs where id = $1 and attempts > 0 and locked_at is null',
    [id],
  );
  return job?.last_error ?? null;
}

const secret = 'hunter2-secret';
const stranger = () => sealerOf(randomBytes(32).toString('base64url'));

describe('what stands in the queue is checked before anything runs', () => {
  it.each<readonly [what: string, task: string, stored: () => unknown]>([
    ['nothing', 'mail.send', () => ({})],
    ['a list', 'mail.send', () => [secret]],
    ['a payload in the clear', 'mail.send', () => ({ to: 'a@example.com', subject: secret, text: secret })],
    ['a seal that is no text', 'mail.send', () => ({ sealed: { secret }, correlationId: null })],
    ['a correlation id that is none', 'mail.send', () => ({ ...sealed({}, 'mail.send'), correlationId: [secret] })],
    [
      'a seal by another key',
      'mail.send',
      () => sealed({ to: 'a@example.com', subject: secret, text: secret }, 'mail.send', stranger()),
    ],
    ['the seal of another task', 'mail.send', () => sealed({ to: 'a@example.com', subject: secret, text: secret }, 'other')],
    ['what is no object', 'mail.send', () => sealed(secret, 'mail.send')],
    ['a mail to nobody', 'mail.send', () => sealed({ subject: secret, text: secret }, 'mail.send')],
    ['a mail to an object', 'mail.send', () => sealed({ to: { secret }, subject: secret, text: secret }, 'mail.send')],
    [
      'a sign-up without an id',
      'registration.send-mail',
      () => sealed({ registrationId: secret, token: secret }, 'registration.send-mail'),
    ],
    ['a reset for nobody', 'password-reset.send', () => sealed({ normalised: 7 }, 'password-reset.send')],
  ])('%s', async (_what, task, stored) => {
    const before = app.logs.length;
    const id = await enqueue(task, stored());
    await expect.poll(() => failureOf(id), patience).toBe('the job failed; the log has the cause');
    const lines = app.logs.slice(before).filter(({ fields }) => fields['jobId'] === id && fields['task'] === task);
    expect(lines).toMatchObject([{ level: 'warn', message: 'job failed and will be tried again' }]);
    expect(`${lines[0]?.fields['error']} ${JSON.stringify(lines)}`).not.toContain(secret);
    expect(JSON.stringify(await app.mailbox.list())).not.toContain(secret);
  });

  it('and the worker goes on', async () => {
    expect((await registeredPerson(app)).userId).toMatch(/^usr_/);
  });
});

describe('a job that never ends', () => {
  it('counts as failed after its deadline, and its place goes to the next one', async () => {
    const done: string[] = [];
    const worker = await startJobWorker({
      pool: createPool({ url: new Secret(app.databaseUrl), max: 3, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 }, silent),
      sealer: sealerOf(app.masterKey),
      handlers: {
        'test.stuck': () => new Promise(() => undefined),
        'test.next': async (_payload, { jobId }) => void done.push(jobId),
      },
      logger: silent,
      concurrency: 1,
      deadlineMs: 50,
    });
    try {
      const stuck = await enqueue('test.stuck', sealed({}, 'test.stuck'));
      const next = await enqueue('test.next', sealed({}, 'test.next'));
      await expect.poll(() => failureOf(stuck), patience).toBe('the job failed; the log has the cause');
      await expect.poll(() => done, patience).toEqual([next]);
    } finally {
      await worker.stop();
    }
  });
});
