import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { eventually } from './embedded-process.ts';
import { Launched } from './pretend-project.ts';

const program = fileURLToPath(new URL('../../../src/app/main.ts', import.meta.url));

/**
 * The product as a process of its own, with these variables alone, and what it has said. It ends with the test at the latest.
 * Not by the launcher, which `npm start` runs before it: that one installs where something is missing, and would do so below
 * the tests that run.
 */
export class StartedProduct extends Launched {
  constructor(environment: Readonly<Record<string, string>>) {
    super(
      spawn(process.execPath, [program], {
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    // Its PostgreSQL goes down with it.
    onTestFinished(async () => {
      this.child.kill('SIGKILL');
      await this.exitCode();
    });
  }

  override async says(text: string): Promise<void> {
    await eventually(async () => {
      if (this.child.exitCode !== null) throw new Error(`it has ended: ${this.stdout}${this.stderr}`);
      return this.stdout.includes(text);
    });
  }
}
