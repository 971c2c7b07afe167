import type { Logger } from './logger.ts';

/**
 * The handler of last resort (ASVS 5.0, 16.5.4): what nobody caught is logged, redacted like every line. A rejected promise
 * that nobody waited for is a defect but leaves the state as it was; an uncaught exception doesn't, so the process ends.
 */
export function installLastResort(logger: Logger): void {
  process.on('unhandledRejection', (error) => logger.error('unhandled rejection', { error }));
  process.on('uncaughtException', (error) => {
    logger.error('uncaught exception', { error });
    // A moment for the line to reach its stream.
    setTimeout(() => process.exit(1), 100).unref();
  });
}
