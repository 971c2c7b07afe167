import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const threads = '/proc/self/task';
const poolThread = 'libuv-worker';
/** In the units of nice(2): such a thread gets a tenth of a processor that the event loop wants too, and all that it leaves. */
const step = 10;
const lowest = 19;

/**
 * Lets the event loop go before the threads that hash: sign-ins may use every processor, and whoever only asks who is signed
 * in doesn't wait for them. The threads exist once something was hashed. Linux only, where a thread has a priority of its
 * own; elsewhere, and where it is not allowed, nothing happens. Returns how many threads there were.
 */
export function lowerHashingPriority(): number {
  try {
    const pool = readdirSync(threads).filter((id) => readFileSync(`${threads}/${id}/comm`, 'utf8').trim() === poolThread);
    const priority = Math.min(getPriority(process.pid) + step, lowest);
    for (const id of pool) setPriority(Number(id), priority);
    return pool.length;
  } catch {
    return 0;
  }
}
