import { existsSync, readFileSync } from 'node:fs';
import { prepare } from '../scripts/lib/prepare.mjs';
import { showProgress } from '../scripts/lib/print.mjs';
import { inProject, npmEnvironment } from '../scripts/lib/project.mjs';
import { runInForeground, runScript, runStep } from '../scripts/lib/run.mjs';

/** `npm run bench`: runs on the system's Node, installs what only the benchmarks need, then hands over to the project's Node. */
await runScript(async () => {
  await prepare();
  if (!installed()) {
    // `npm run` names the npm that it is; a program without a shell can be started everywhere.
    const script = process.env.npm_execpath;
    const npm = script === undefined ? { program: 'npm', args: [] } : { program: process.execPath, args: [script] };
    await showProgress('Installing what the benchmarks compare with', () =>
      runStep(npm.program, [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: inProject('bench'),
        env: npmEnvironment(),
        what: 'npm ci in bench/',
      }),
    );
  }
  return runInForeground([inProject('bench', 'suite.ts'), ...process.argv.slice(2)]);
});

function installed() {
  const { dependencies } = JSON.parse(readFileSync(inProject('bench', 'package.json'), 'utf8'));
  return Object.entries(dependencies).every(([name, version]) => {
    const file = inProject('bench', 'node_modules', name, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).version === version;
  });
}
