import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LauncherError, say } from './print.mjs';
import { projectFolder, projectNode } from './project.mjs';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Signals that come within this time of the first are the same press of Ctrl-C. */
const samePressMs = 750;
const lookForParentMs = 500;
const signalsArriveWithinMs = 100;

/** Runs a step of the preparation quietly; what it said is shown only when it fails. `what` names it: "npm ci". */
export function runStep(program, args, { cwd = projectFolder, env, what }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = [];
    child.stdout.on('data', (chunk) => said.push(chunk));
    child.stderr.on('data', (chunk) => said.push(chunk));
    const interrupted = { signal: null };
    const forward = (signal) => {
      interrupted.signal = signal;
      child.kill(signal);
    };
    for (const signal of stopSignals) process.on(signal, forward);
    const settle = (outcome) => {
      for (const signal of stopSignals) {
        // One Ctrl-C may reach us twice: the second must not end us before we have said that the first did.
        if (interrupted.signal !== null) process.on(signal, () => {});
        process.off(signal, forward);
      }
      outcome();
    };
    child.once('error', (error) => settle(() => reject(new LauncherError(`${what} can't be started (${error.message}).`))));
    // One Ctrl-C reaches both of us: where the child is quicker, it has failed before we know why.
    const decideAfterMs = (code) => (code === 0 || interrupted.signal !== null ? 0 : signalsArriveWithinMs);
    const close = (code, signal) =>
      settle(() => {
        if (interrupted.signal !== null) return reject(new LauncherError('Interrupted.', exitCodeOf(null, interrupted.signal)));
        if (code === 0) return resolve();
        say(Buffer.concat(said).toString('utf8').trimEnd());
        reject(new LauncherError(`${what} failed (${code === null ? signal : `exit code ${code}`}); what it said stands above.`));
      });
    child.once('close', (code, signal) => setTimeout(close, decideAfterMs(code), code, signal));
  });
}

/**
 * Runs a program of the project on our terminal until it ends, and resolves with its exit code. It has a process group of
 * its own, so that it gets each signal once and from here alone: one Ctrl-C reaches us twice, from the terminal and from npm,
 * and a program may take a second signal for impatience. A second Ctrl-C does end it at once.
 */
export function runInForeground(args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const follow = `${new URL('follow-launcher.mjs', import.meta.url)}?launcher=${process.pid}`;
    const child = spawn(projectNode(), ['--import', follow, ...args], {
      cwd: projectFolder,
      env,
      stdio: 'inherit',
      detached: process.platform !== 'win32',
    });
    let firstSignalAt = null;
    for (const signal of stopSignals) {
      process.on(signal, () => {
        if (firstSignalAt === null) {
          firstSignalAt = performance.now();
          child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
        } else if (signal === 'SIGINT' && performance.now() - firstSignalAt > samePressMs) {
          child.kill('SIGKILL');
        }
      });
    }
    child.once('error', (error) => reject(new LauncherError(`Node.js 24 can't be started (${error.message}).`)));
    child.once('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/**
 * npm runs a script through a shell. A SIGTERM to npm ends both of them and never reaches us, but we see that the shell is
 * gone. Without npm the parent may be a terminal's shell, which one may leave.
 */
function followNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, lookForParentMs);
  timer.unref();
}

/** Runs a script's `main` and ends the process with the exit code that it gives. */
export async function runScript(main) {
  followNpm();
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error;
    say(`sallyport: ${error.message}`);
    process.exitCode = error.exitCode;
  }
}
