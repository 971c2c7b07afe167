import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from './lib/prepare.mjs';
import { inProject, toolEnvironment } from './lib/project.mjs';
import { runInForeground, runScript } from './lib/run.mjs';

/** `npm test`: all tests, or those that the arguments name. The last line counts them. */
await runScript(async () => {
  await prepare();
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-results-'));
  try {
    const results = join(folder, 'results.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
    const vitest = inProject('node_modules', 'vitest', 'vitest.mjs');
    const code = await runInForeground([vitest, 'run', ...reporters, ...process.argv.slice(2)], {
      env: toolEnvironment(),
    });
    const { passed, failed } = count(JSON.parse(await readFile(results, 'utf8').catch(() => '{}')));
    // A run that broke outside any test, in a set-up or by an unhandled error, must not look like a clean one.
    const shown = code !== 0 && failed === 0 ? 1 : failed;
    process.stdout.write(`${passed} passed, ${shown} failed\n`);
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** A file that could not even be loaded has no tests: it counts as one that failed. */
function count({ numPassedTests = 0, numFailedTests = 0, testResults = [] }) {
  const unloaded = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: numPassedTests, failed: numFailedTests + unloaded.length };
}
