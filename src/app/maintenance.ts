import type { Logger } from '#platform/observability/logger.ts';

const intervalMs = 60_000;

/** Runs `maintain` every minute, never twice at once. Returns how to stop; a run that goes on then is waited for. */
export function startMaintenance(maintain: () => Promise<void>, logger: Logger): () => Promise<void> {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= maintain()
      .catch((error: unknown) => logger.warn('maintenance failed and will be tried again', { error }))
      .finally(() => {
        running = undefined;
      });
  }, intervalMs).unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
