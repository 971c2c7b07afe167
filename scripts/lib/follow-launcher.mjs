import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into the program that the launcher starts, with the launcher's process id in the query. The program has a process
 * group of its own, so what kills the launcher and its group at once does not reach it: it then ends itself, in order.
 */
const launcher = Number(new URL(import.meta.url).searchParams.get('launcher'));
const lookEveryMs = 500;

// Processes and threads that the program starts inherit the flag which loads this file, but have another parent.
if (isMainThread && process.ppid === launcher) {
  const timer = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, lookEveryMs);
  timer.unref();
}
