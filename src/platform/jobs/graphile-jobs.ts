import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { run, runMigrations, type Task, Logger as WorkerLogger } from 'graphile-worker';
import type pg from 'pg';
import { z } from 'zod';
import type { JsonObject } from '#kernel/json.ts';
import type { Sealer } from '#platform/crypto/index.ts';
import { currentCorrelationId, runWithCorrelation } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { inTime } from '#platform/resilience/deadline.ts';
import type { JobHandler, JobHandlers, JobQueue } from './job-queue.ts';
import { patientPool } from './patient-pool.ts';

// With graphile-worker's exponential backoff, 12 attempts reach over some two days.
const maxAttempts = 12;
// Longer than everything that a handler waits for by itself; past it the place in the queue goes to another job.
const defaultDeadlineMs = 120_000;

const replacementPauseMs = 1_000;

const storedPayload = z.object({ sealed: z.base64(), correlationId: z.string().max(128).nullable() });
const openedPayload = z.record(z.string(), z.json());

/** The queue as graphile-worker keeps it: jobs are rows, added by the transaction that wants them. */
export function graphileJobQueue(sealer: Sealer): JobQueue {
  return {
    enqueue: async (tx, task, payload, options) => {
      const sealed = sealer.seal(Buffer.from(JSON.stringify(payload)), task).toString('base64');
      const stored = JSON.stringify({ sealed, correlationId: currentCorrelationId() ?? null });
      await tx.drizzle.execute(
        sql`select graphile_worker.add_job(${task}, payload := ${stored}::json, max_attempts := ${maxAttempts},
          job_key := ${options?.key ?? null}::text, run_at := now() + make_interval(secs => ${options?.delaySeconds ?? 0}::float8))`,
      );
    },
  };
}

export interface JobWorkerDeps {
  /** A pool of the worker's own, which it ends: so that requests and jobs never wait for each other's connections. */
  readonly pool: pg.Pool;
  readonly sealer: Sealer;
  readonly handlers: JobHandlers;
  readonly logger: Logger;
  readonly concurrency?: number;
  /** How long one run of a handler may take before it counts as failed. */
  readonly deadlineMs?: number;
}

export interface JobWorker {
  /** Lets running jobs end, then closes the pool; what has not begun stays for the next node. */
  stop(): Promise<void>;
}

/** Creates or updates graphile-worker's own schema. */
export async function migrateJobs(pool: pg.Pool, logger: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, logger: workerLogger(logger) });
}

/** Runs jobs on this node until stopped. A worker that gives up, such as over a long outage, is replaced. */
export async function startJobWorker(deps: JobWorkerDeps): Promise<JobWorker> {
  const { pool, handlers, logger, concurrency = 4 } = deps;
  const taskList = Object.fromEntries(Object.entries(handlers).map(([task, handler]) => [task, toTask(task, handler, deps)]));
  const stopping = new AbortController();
  const pgPool = patientPool(pool, () => stopping.signal.aborted);
  const begin = () =>
    run({ pgPool, taskList, concurrency, noHandleSignals: true, pollInterval: 2_000, logger: workerLogger(logger) });
  let runner = await begin();

  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      const error = await reasonOfEnd(runner.promise);
      if (stopping.signal.aborted) return;
      logger.error('the job worker ended and is replaced', { error });
      await pause(replacementPauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      // Where not even that works, the ended one stands in for it, and the loop comes by again.
      if (!stopping.signal.aborted) runner = await begin().catch(() => runner);
    }
    await runner.stop().catch(() => undefined);
  }
  const supervised = supervise();
  return {
    stop: async () => {
      stopping.abort();
      await runner.stop().catch(() => undefined);
      await supervised;
      await pool.end();
    },
  };
}

const reasonOfEnd = (end: Promise<void>): Promise<unknown> =>
  end.then(
    () => undefined,
    (reason: unknown) => reason,
  );

function toTask(task: string, handler: JobHandler, { sealer, logger, deadlineMs = defaultDeadlineMs }: JobWorkerDeps): Task {
  return async (stored, { job }) => {
    // Whoever can write to the queue's table must not choose what runs under which correlation id, nor what is run.
    const envelope = storedPayload.safeParse(stored);
    const { id: jobId, attempts: attempt } = job;
    await runWithCorrelation(envelope.data?.correlationId ?? `job-${jobId}`, async () => {
      try {
        if (envelope.error) throw envelope.error;
        const opened = sealer.open(Buffer.from(envelope.data.sealed, 'base64'), task);
        const payload: JsonObject = openedPayload.parse(JSON.parse(opened.toString()));
        // What goes on after the deadline is not waited for: handlers may run twice, so the next run is safe beside it.
        await inTime(handler(payload, { jobId, attempt }), deadlineMs);
      } catch (error) {
        const fields = { task, jobId, attempt, maxAttempts, error };
        if (attempt < maxAttempts) logger.warn('job failed and will be tried again', fields);
        else logger.error('job failed for good', fields);
        // The worker writes what is thrown into its table and its own lines, unredacted: the cause may quote rows.
        throw new Error('the job failed; the log has the cause');
      }
    });
  };
}

/** The worker's own lines are for debugging, unless the worker itself is in trouble: failed jobs have a line already. */
function workerLogger(logger: Logger): WorkerLogger {
  return new WorkerLogger((scope) => (level, message, meta) => {
    const { job, ...facts } = meta ?? {};
    const jobId = typeof job === 'object' && job !== null && 'id' in job ? { jobId: job.id } : {};
    const fields = { ...scope, ...facts, ...jobId };
    if (level === 'error' && job === undefined) logger.error(message, fields);
    else if (level === 'warning') logger.warn(message, fields);
    else logger.debug(message, fields);
  });
}
