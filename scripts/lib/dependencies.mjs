import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LauncherError, showProgress } from './print.mjs';
import { inProject, npmEnvironment, projectNode } from './project.mjs';
import { runStep } from './run.mjs';

const oldestNode = 20;

/** Node's version is told apart before any newer syntax or library is loaded. */
export function checkNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) < oldestNode) {
    throw new LauncherError(
      `Node.js ${oldestNode} or newer is needed to start, this is ${version}. Install a newer one: https://nodejs.org/`,
    );
  }
}

/** Runs `npm ci` when node_modules is not what package-lock.json says, be it missing, older or half installed. */
export async function ensureDependencies() {
  if (!dependenciesMatch()) {
    const first = !existsSync(inProject('node_modules', '.package-lock.json'));
    const label = first
      ? 'Installing dependencies (first start only)'
      : 'Installing dependencies (package-lock.json has changed)';
    const npm = findNpm();
    await showProgress(label, () =>
      // With --include=dev also under NODE_ENV=production: the client, the types and the pages are generated here.
      runStep(npm.program, [...npm.args, 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], {
        env: npmEnvironment(),
        what: 'npm ci',
      }),
    );
  }
  if (projectNode() === null) {
    await showProgress('Installing Node.js 24 for the project', () =>
      runStep(process.execPath, ['installArchSpecificPackage.js'], {
        cwd: inProject('node_modules', 'node'),
        env: npmEnvironment(),
        what: 'The installation of Node.js 24 (npm package `node`)',
      }),
    );
  }
}

/** Compares what npm wrote down when it finished the last installation with what the lock file asks for. */
export function dependenciesMatch(
  lockFile = inProject('package-lock.json'),
  installedFile = inProject('node_modules', '.package-lock.json'),
) {
  const wanted = packagesOf(lockFile);
  if (wanted === null) throw new LauncherError('package-lock.json is missing or not readable. Restore it from version control.');
  const installed = packagesOf(installedFile);
  if (installed === null) return false;
  return Object.entries(wanted).every(([folder, entry]) => {
    if (folder === '' || entry.link === true) return true;
    const found = installed[folder];
    // Packages for other systems are in the lock file but never installed.
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/** npm as a program with leading arguments: never through a shell, which would want the arguments quoted. */
function findNpm() {
  const bundled = [process.env.npm_execpath ?? '', join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js')];
  const script = bundled.find(
    (path) => path.endsWith('npm-cli.js') && !path.startsWith(inProject('node_modules')) && existsSync(path),
  );
  if (process.platform === 'win32' && script !== undefined) return { program: process.execPath, args: [script] };
  if (spawnSync('npm', ['--version'], { env: npmEnvironment(), stdio: 'ignore' }).status === 0)
    return { program: 'npm', args: [] };
  if (script !== undefined) return { program: process.execPath, args: [script] };
  throw new LauncherError(
    'npm is needed to install the dependencies and is not on PATH. It comes with Node.js: https://nodejs.org/',
  );
}
