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
    enqueue: async (tx, task, payload) => {
      const sealed = sealer.seal(Buffer.from(JSON.stringify(payload)), task).toString('base64');
      const stored = JSON.stringify({ sealed, correlationId: currentCorrelationId() ?? null });
      await tx.drizzle.execute(
        sql`select graphile_worker.add_job(${task}, payload := ${stored}::json, max_attempts := ${maxAttempts})`,
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
  const taskList = Object.fromEntries(Object.entries(handlers).map(([task, handler]) => [task, toTask(task, handler, sealer)]));
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

function toTask(task: string, handler: JobHandler, sealer: Sealer): Task {
  return async (stored, { job }) => {
    const { sealed, correlationId } = stored as { readonly sealed: string; readonly correlationId: string | null };
    const payload = JSON.parse(sealer.open(Buffer.from(sealed, 'base64'), task).toString()) as JsonObject;
    await runWithCorrelation(correlationId ?? `job-${job.id}`, () => handler(payload, { jobId: job.id, attempt: job.attempts }));
  };
}

function workerLogger(logger: Logger): WorkerLogger {
  return new WorkerLogger((scope) => (level, message, meta) => {
    const fields = { ...scope, ...meta };
    if (level === 'error') logger.error(message, fields);
    else if (level === 'warning') logger.warn(message, fields);
    else logger.debug(message, fields);
  });
}
