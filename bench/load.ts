import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from './processes.ts';

export interface LoadRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface LoadJob {
  readonly origin: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** The requests of each connection, sent round and round. */
  readonly connections: readonly (readonly LoadRequest[])[];
  /** What the body of every right answer holds. */
  readonly expect: string;
  readonly durationMs: number;
  /** Each connection sends one request in this time; without it the next follows the answer. */
  readonly everyMs?: number;
}

export interface LoadResult {
  /** All that were answered, those included that came in after the time was up. */
  readonly total: number;
  /** Right answers within the time. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface LoadGenerator {
  /** Throws when a single answer was not the right one. */
  run(job: LoadJob): Promise<LoadResult>;
  stop(): Promise<void>;
}

type Answer = (LoadResult & { readonly failures: number; readonly firstFailure: string | null }) | { readonly error: string };

export async function startLoadGenerator(outputFile: string): Promise<LoadGenerator> {
  const entry = fileURLToPath(new URL('load.mjs', import.meta.url));
  const program: Program = await startProgram({ name: 'the load generator', entry, outputFile }, async () => true);
  return {
    run: async (job) => {
      const answer = await program.ask<Answer>(job);
      if ('error' in answer) throw new Error(`the load generator failed: ${answer.error}`);
      const { failures, firstFailure, ...result } = answer;
      if (failures > 0)
        throw new Error(`${failures} of ${result.total} answers of ${job.origin}${job.path} were wrong, first: ${firstFailure}`);
      return result;
    },
    stop: () => program.stop(),
  };
}
