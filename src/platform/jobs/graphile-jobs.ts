import { sql } from 'drizzle-orm';
import { run, runMigrations, type Task, Logger as WorkerLogger } from 'graphile-worker';
import type pg from 'pg';
import type { JsonObject } from '#kernel/json.ts';
import type { Sealer } from '#platform/crypto/index.ts';
import { currentCorrelationId, runWithCorrelation } from '#platform/observability/correlation.ts';
import type { Logger } from '#platform/observability/logger.ts';
import type { JobHandler, JobHandlers, JobQueue } from './job-queue.ts';

// With graphile-worker's exponential backoff, 12 attempts reach over some two days.
const maxAttempts = 12;

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
}

export interface JobWorker {
  /** Lets running jobs end, then closes the pool; what has not begun stays for the next node. */
  stop(): Promise<void>;
}

/** Creates or updates graphile-worker's own schema. */
export async function migrateJobs(pool: pg.Pool, logger: Logger): Promise<void> {
  await runMigrations({ pgPool: pool, logger: workerLogger(logger) });
}

/** Runs jobs on this node until stopped. */
export async function startJobWorker({ pool, sealer, handlers, logger, concurrency = 4 }: JobWorkerDeps): Promise<JobWorker> {
  const taskList = Object.fromEntries(
    Object.entries(handlers).map(([task, handler]) => [task, toTask(task, handler, sealer, logger)]),
  );
  const runner = await run({
    pgPool: pool,
    taskList,
    concurrency,
    noHandleSignals: true,
    pollInterval: 2_000,
    logger: workerLogger(logger),
  });
  runner.promise.catch((error: unknown) => logger.error('the job worker ended', { error }));
  return {
    stop: async () => {
      await runner.stop();
      await pool.end();
    },
  };
}

function toTask(task: string, handler: JobHandler, sealer: Sealer, logger: Logger): Task {
  return async (stored, { job }) => {
    const { sealed, correlationId } = stored as { readonly sealed: string; readonly correlationId: string | null };
    const { id: jobId, attempts: attempt } = job;
    await runWithCorrelation(correlationId ?? `job-${jobId}`, async () => {
      try {
        const payload = JSON.parse(sealer.open(Buffer.from(sealed, 'base64'), task).toString()) as JsonObject;
        await handler(payload, { jobId, attempt });
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
