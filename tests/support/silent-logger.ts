import type { Logger } from '#platform/observability/logger.ts';

/** For what a test makes by itself and whose lines nobody reads. */
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
