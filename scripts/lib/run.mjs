import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LauncherError, say } from './print.mjs';
import { projectFolder } from './project.mjs';

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** One Ctrl-C can reach us twice, from the terminal and from npm: a later one than this is a second. */
const samePressMs = 750;

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
      for (const signal of stopSignals) process.off(signal, forward);
      outcome();
    };
    child.once('error', (error) => settle(() => reject(new LauncherError(`${what} can't be started (${error.message}).`))));
    child.once('close', (code, signal) =>
      settle(() => {
        if (interrupted.signal !== null) return reject(new LauncherError('Interrupted.', exitCodeOf(null, interrupted.signal)));
        if (code === 0) return resolve();
        say(Buffer.concat(said).toString('utf8').trimEnd());
        reject(new LauncherError(`${what} failed (${code === null ? signal : `exit code ${code}`}); what it said stands above.`));
      }),
    );
  });
}

/**
 * Runs the program itself on our terminal until it ends, and resolves with its exit code. Signals go on to it, so that it
 * can finish what it has in hand; a second Ctrl-C ends it at once.
 */
export function runInForeground(program, args, { env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: projectFolder, env, stdio: 'inherit' });
    let firstInterruptAt = null;
    for (const signal of stopSignals) {
      process.on(signal, () => {
        if (signal === 'SIGINT' && firstInterruptAt !== null) {
          if (performance.now() - firstInterruptAt > samePressMs) child.kill('SIGKILL');
          return;
        }
        if (signal === 'SIGINT') firstInterruptAt = performance.now();
        child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      });
    }
    child.once('error', (error) => reject(new LauncherError(`${program} can't be started (${error.message}).`)));
    child.once('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/** Runs a script's `main` and ends the process with the exit code that it gives. */
export async function runScript(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof LauncherError)) throw error;
    say(`sallyport: ${error.message}`);
    process.exitCode = error.exitCode;
  }
}
