import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// They start and end servers of their own, keep folders for all tests of a file, or replace modules.
const ownProcess = ['tests/integration/start/**/*.test.ts', 'tests/security/hash-parameters.test.ts'];
const generated = ['**/node_modules/**', 'web/dist/**'];

export default defineConfig({
  // As Node itself resolves it: else our imports of graphql get its `module` build and those of our dependencies the `main`
  // one, and graphql refuses to work with itself.
  resolve: { alias: [{ find: /^graphql$/, replacement: fileURLToPath(import.meta.resolve('graphql')) }] },
  test: {
    pool: 'forks',
    // Integration tests wait for PostgreSQL more than they compute, so one more worker than processors pays, up to a point.
    maxWorkers: Math.min(availableParallelism() + 1, 6),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Where PostgreSQL is cut off for good while graphile-worker 0.18 writes down the end of a job, as when a test ends, that
    // rejection has no handler. The product tries again first (patient-pool.ts), and logs it (last-resort.ts).
    onUnhandledError: ({ stack }) => (/batch(Complete|Fail)Jobs/.test(stack ?? '') ? false : undefined),
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts', 'web/**/*.test.{ts,tsx}'], exclude: generated },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          // A worker loads the product once for all of its files, which halves the processor time of the suite. In this project
          // alone: a worker that served two of them would load some modules twice and others not. No file keeps
          // state in a module that another could see; what ends or replaces parts of its process has one of its own.
          isolate: false,
          include: ['tests/**/*.test.ts'],
          exclude: [...generated, ...ownProcess],
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: ownProcess,
          exclude: generated,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      },
    ],
  },
});
