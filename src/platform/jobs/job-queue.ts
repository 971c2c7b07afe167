import type { JsonObject } from '#kernel/json.ts';
import type { HotTx } from '#platform/db/index.ts';

/** What a job handler gets. It may run more than once: what it does has to be the same the second time. */
export type JobHandler = (payload: JsonObject, context: { readonly jobId: string; readonly attempt: number }) => Promise<void>;
export type JobHandlers = Readonly<Record<string, JobHandler>>;

export interface JobQueue {
  /**
   * Adds a job in the transaction of the change that wants it: it runs after the commit, and never without it. The payload
   * is stored sealed, since it may hold a token; the correlation id of the request goes along.
   */
  enqueue(tx: HotTx, task: string, payload: JsonObject, options?: JobOptions): Promise<void>;
}

export interface JobOptions {
  /** Of jobs with one key only the last waits. It stands unsealed in the queue, so it must tell nothing. */
  readonly key: string;
  /** How long it waits at least. */
  readonly delaySeconds: number;
}
