import type { Logger } from '#platform/observability/logger.ts';

const intervalMs = 60_000;

/** Runs `maintain` every minute, never twice at once. Returns how to stop: a run that goes on then is told, and waited for. */
export function startMaintenance(maintain: (signal: AbortSignal) => Promise<void>, logger: Logger): () => Promise<void> {
  let running: Promise<void> | undefined;
  const stopping = new AbortController();
  const timer = setInterval(() => {
    running ??= maintain(stopping.signal)
      .catch((error: unknown) => logger.warn('maintenance failed and will be tried again', { error }))
      .finally(() => {
        running = undefined;
      });
  }, intervalMs).unref();
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await running;
  };
}
