import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from './embedded-process.ts';
import { PretendProject } from './pretend-project.ts';

const greets = `console.log('hello from', process.argv.slice(2).join(' '), process.env.NODE_ENV ?? 'no profile');`;
/** Like the product: the first signal drains, a second one ends it at once. */
const drains = `
  import { writeFileSync } from 'node:fs';
  const keep = setInterval(() => {}, 1000);
  let signalled = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      if (signalled) process.exit(1);
      signalled = true;
      console.log('draining on ' + signal);
      setTimeout(() => { clearInterval(keep); writeFileSync('drained', ''); console.log('drained'); process.exitCode = 5; }, 200);
    });
  }
  console.log('ready');
`;
const ignoresCtrlC = `setInterval(() => {}, 1000); process.on('SIGINT', () => console.log('not now')); console.log('ready');`;

describe('npm start', () => {
  it('installs once, says so, and then starts the program with its arguments', async () => {
    const project = await PretendProject.make(greets);
    const first = project.start(['one', 'two']);
    expect(await first.exitCode()).toBe(0);
    expect(first.stdout).toBe('hello from one two no profile\n');
    expect(first.stderr).toMatch(/^Installing dependencies \(first start only\) …\nInstalling dependencies .* done \(\d+ s\)\n$/);
    expect(await project.npmCalls()).toEqual(['ci --include=dev --no-audit --no-fund --loglevel=error']);

    const second = project.start();
    expect(await second.exitCode()).toBe(0);
    expect(second.stderr).toBe('');
    expect(await project.npmCalls()).toHaveLength(1);
  });

  it('installs the tools that generate in the production profile too', async () => {
    const project = await PretendProject.make(greets);
    const started = project.start([], { NODE_ENV: 'production' });
    expect(await started.exitCode()).toBe(0);
    expect(started.stdout).toContain('production');
    expect(await project.npmCalls()).toEqual([expect.stringContaining('--include=dev')]);
  });

  it('installs again when the lock file has changed, and after an installation that was cut off', async () => {
    const project = await PretendProject.make(greets);
    await project.start().exitCode();
    await project.lock('2.0.0');
    await project.start().exitCode();
    expect(await project.npmCalls()).toHaveLength(2);
    // npm writes this file last.
    await rm(join(project.folder, 'node_modules', '.package-lock.json'));
    await project.start().exitCode();
    expect(await project.npmCalls()).toHaveLength(3);
  });

  it('shows what npm said and one line of its own when the installation fails', async () => {
    const project = await PretendProject.make(greets);
    await project.write('npm-fails', '');
    const started = project.start();
    expect(await started.exitCode()).toBe(1);
    expect(started.stdout).toBe('');
    expect(started.stderr.trimEnd().split('\n').slice(1)).toEqual([
      'npm error network unreachable',
      'sallyport: npm ci failed (exit code 1); what it said stands above.',
    ]);
  });

  it('stops at once on Ctrl-C during the installation, which then happens again', async () => {
    const project = await PretendProject.make(greets);
    await project.write('npm-hangs', '');
    const started = project.start();
    await eventually(async () => (await project.npmCalls()).length === 1);
    started.pressCtrlC();
    expect(await started.exitCode()).toBe(130);
    await rm(join(project.folder, 'npm-hangs'));
    expect(await project.start().exitCode()).toBe(0);
    expect(await project.npmCalls()).toHaveLength(2);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on and waits until the program has drained', async (signal) => {
    const started = (await PretendProject.make(drains)).start();
    await started.says('ready');
    started.child.kill(signal);
    expect(await started.exitCode()).toBe(5);
    expect(started.stdout).toBe(`ready\ndraining on ${signal}\ndrained\n`);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('drains once on %s that comes several times, from terminal and npm', async (signal) => {
    const started = (await PretendProject.make(drains)).start();
    await started.says('ready');
    started.child.kill(signal);
    await started.says('draining');
    started.child.kill(signal);
    process.kill(-(started.child.pid ?? 0), signal);
    expect(await started.exitCode()).toBe(5);
    expect(started.stdout).toContain('drained');
  });

  it('lets the program drain when the launcher and its group are killed', async () => {
    const project = await PretendProject.make(drains);
    const started = project.start();
    await started.says('ready');
    process.kill(-(started.child.pid ?? 0), 'SIGKILL');
    await eventually(async () => existsSync(join(project.folder, 'drained')));
  });

  it('drains when npm was terminated, whose shell does not pass the signal on', async () => {
    const project = await PretendProject.make(drains);
    const started = project.startThroughShell();
    await started.says('ready');
    started.child.kill('SIGTERM');
    await eventually(async () => existsSync(join(project.folder, 'drained')));
    await started.says('draining on SIGTERM');
  });

  it('drains on one Ctrl-C', async () => {
    const started = (await PretendProject.make(drains)).start();
    await started.says('ready');
    started.pressCtrlC();
    expect(await started.exitCode()).toBe(5);
    expect(started.stdout).toBe('ready\ndraining on SIGINT\ndrained\n');
  });

  it('ends a program that does not stop on a second Ctrl-C', async () => {
    const started = (await PretendProject.make(ignoresCtrlC)).start();
    await started.says('ready');
    let code: unknown;
    void started.exitCode().then((ended) => {
      code = ended;
    });
    // An impatient person: pressed until it has ended.
    await eventually(async () => {
      if (code === undefined) started.pressCtrlC();
      return code !== undefined;
    });
    // A press that meets the launcher as it ends takes that one too, whose code is then none.
    expect([137, null]).toContain(code);
    expect(started.stdout).toContain('not now');
  });
});
