import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from './embedded-process.ts';

const program = fileURLToPath(new URL('../../../src/app/main.ts', import.meta.url));

/**
 * The product as a process of its own, with these variables alone, and what it has said. It ends with the test at the latest.
 * Not by the launcher, which `npm start` runs before it: that one installs where something is missing, and would do so below
 * the tests that run.
 */
export class StartedProduct {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  stdout = '';
  stderr = '';

  constructor(environment: Readonly<Record<string, string>>) {
    this.child = spawn(process.execPath, [program], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = once(this.child, 'close');
    this.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stdout += chunk;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.stderr += chunk;
    });
    onTestFinished(async () => {
      // Its PostgreSQL goes down with it.
      this.child.kill('SIGKILL');
      await this.#ended;
    });
  }

  async says(text: string): Promise<void> {
    await eventually(async () => {
      if (this.child.exitCode !== null) throw new Error(`it has ended: ${this.stdout}${this.stderr}`);
      return this.stdout.includes(text);
    });
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.#ended;
    return code;
  }
}
