import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const inProject = (file: string) => fileURLToPath(new URL(`../../../${file}`, import.meta.url));

/** What `npm start` runs, and the program that this starts when everything is installed and generated. */
const programs = { launcher: inProject('scripts/start.mjs'), product: inProject('src/app/main.ts') } as const;

export interface FailedStart {
  readonly exitCode: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the product, with these variables alone, until it ends by itself. It ends with the test at the latest. */
export async function startAndFail(
  environment: Readonly<Record<string, string>>,
  program: keyof typeof programs = 'product',
): Promise<FailedStart> {
  const child = spawn(process.execPath, [programs[program]], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // What the launcher has started ends when that is gone.
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const [exitCode] = await once(child, 'close');
  return { exitCode, stdout, stderr };
}
