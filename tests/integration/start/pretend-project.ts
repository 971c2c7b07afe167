import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { removeFolder } from './embedded-folder.ts';
import { eventually } from './embedded-process.ts';

const scripts = fileURLToPath(new URL('../../../scripts', import.meta.url));

/** Stands in for npm: notes how it was called, then installs what the lock file asks for, as far as the launcher looks. */
const pretendNpm = `#!/bin/sh
[ "$1" = --version ] && exit 0
echo "$@" >> "$PROJECT/npm-calls"
[ -e "$PROJECT/npm-hangs" ] && exec sleep 60
[ -e "$PROJECT/npm-fails" ] && { echo "npm error network unreachable" >&2; exit 1; }
mkdir -p "$PROJECT/node_modules/node/bin"
ln -sf "$NODE_24" "$PROJECT/node_modules/node/bin/node"
cp "$PROJECT/package-lock.json" "$PROJECT/node_modules/.package-lock.json"
`;

/** A project with the real scripts, a pretended npm and a program in place of the product. */
export class PretendProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(program: string): Promise<PretendProject> {
    const project = new PretendProject(await mkdtemp(join(tmpdir(), 'sallyport-launcher-')));
    // A program whose launcher was killed drains by itself, and writes into the folder as it does.
    onTestFinished(() => removeFolder(project.folder));
    await cp(scripts, join(project.folder, 'scripts'), { recursive: true });
    await project.write('package.json', JSON.stringify({ type: 'module' }));
    await project.lock('1.0.0');
    await project.write('src/app/main.ts', program);
    await project.write('bin/npm', pretendNpm);
    await chmod(join(project.folder, 'bin', 'npm'), 0o755);
    return project;
  }

  async write(path: string, content: string): Promise<void> {
    await mkdir(join(this.folder, path, '..'), { recursive: true });
    await writeFile(join(this.folder, path), content);
  }

  lock(version: string): Promise<void> {
    const packages = {
      '': { version: '0.1.0' },
      'node_modules/used': { version, integrity: `sha512-${version}` },
      'node_modules/for-another-system': { version: '1.0.0', optional: true },
    };
    return this.write('package-lock.json', JSON.stringify({ lockfileVersion: 3, packages }));
  }

  async npmCalls(): Promise<string[]> {
    const calls = await readFile(join(this.folder, 'npm-calls'), 'utf8').catch(() => '');
    return calls.split('\n').filter((line) => line !== '');
  }

  start(args: readonly string[] = [], environment: Record<string, string> = {}): Launched {
    const env = {
      PATH: `${join(this.folder, 'bin')}:/usr/bin:/bin`,
      PROJECT: this.folder,
      NODE_24: process.execPath,
      ...environment,
    };
    return new Launched(spawn(process.execPath, [join(this.folder, 'scripts', 'start.mjs'), ...args], { env, detached: true }));
  }

  /** As npm does it: through a shell that waits. */
  startThroughShell(): Launched {
    const env = {
      PATH: `${join(this.folder, 'bin')}:/usr/bin:/bin`,
      PROJECT: this.folder,
      NODE_24: process.execPath,
      npm_lifecycle_event: 'start',
    };
    const command = '"$0" "$1"; exit $?';
    return new Launched(
      spawn('/bin/sh', ['-c', command, process.execPath, join(this.folder, 'scripts', 'start.mjs')], { env, detached: true }),
    );
  }
}

/** The launcher as it runs, and what it has said. */
export class Launched {
  readonly child: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    this.#ended = once(child, 'close');
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  async says(text: string): Promise<void> {
    await eventually(async () => this.stdout.includes(text) || this.stderr.includes(text));
  }

  async exitCode(): Promise<unknown> {
    const [code] = await this.#ended;
    return code;
  }

  /** What Ctrl-C does: the signal goes to everything that the terminal runs in the foreground. */
  pressCtrlC(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
  }
}
