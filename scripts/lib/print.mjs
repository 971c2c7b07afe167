/** What the launcher says on the terminal. All of it goes to stderr, so that stdout belongs to the program it starts. */

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** A condition that the reader can mend: printed as one line, without a stack. */
export class LauncherError extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'LauncherError';
    this.exitCode = exitCode;
  }
}

/** How often whoever reads a log, not a terminal, is told that a long step goes on. */
const tellEveryMs = 15_000;

/** Shows `label` while `work` runs, with the seconds that have passed: each second on a terminal, else every 15 seconds. */
export async function showProgress(label, work) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const onTerminal = process.stderr.isTTY === true;
  if (!onTerminal) say(`${label} …`);
  const draw = () => process.stderr.write(`\r\u001b[K${label} … ${seconds()} s`);
  const ticker = onTerminal ? setInterval(draw, 1000) : setInterval(() => say(`${label} … ${seconds()} s`), tellEveryMs);
  if (onTerminal) draw();
  try {
    const result = await work();
    if (onTerminal) process.stderr.write('\r\u001b[K');
    say(`${label} … done (${seconds()} s)`);
    return result;
  } catch (error) {
    if (onTerminal) process.stderr.write('\n');
    throw error;
  } finally {
    clearInterval(ticker);
  }
}
