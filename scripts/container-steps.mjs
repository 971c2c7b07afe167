// Performs the steps of the Dockerfile one by one in a scratch folder, without a container engine, and starts the result as the
// image would: as its unprivileged user and on this Node. It proves that every source of a COPY exists, that the packages of the
// last stage are enough, and that no step needs more than the build context. It does not prove the base image.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, normalize } from 'node:path';
import { contextFilter, parseDockerfile } from './container/dockerfile.ts';

const context = join(import.meta.dirname, '..');
const recorded = new Set(['LABEL', 'EXPOSE', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD', 'USER']);
const sent = contextFilter(readFileSync(join(context, '.dockerignore'), 'utf8'));

class StepFailure extends Error {}

/** A stage's file system is a folder, its environment an object. */
function openStage({ name, image }, scratch) {
  const root = join(scratch, name);
  mkdirSync(root, { recursive: true });
  return { name, image, root, workdir: '/', env: {}, user: undefined, cmd: [] };
}

/** Where a path of the image lies. A path that leaves the stage is refused. */
function inStage(stage, path) {
  const target = normalize(join(stage.root, path.startsWith('/') ? path : join(stage.workdir, path)));
  if (target !== stage.root && !target.startsWith(`${stage.root}/`)) throw new StepFailure(`${path} leads out of the image`);
  return target;
}

function copyFromContext(source, target) {
  const filter = (path) => {
    const relative = path.slice(context.length + 1);
    return relative === '' || sent(relative);
  };
  if (source !== '.' && !sent(source)) throw new StepFailure(`.dockerignore keeps ${source} out of the context`);
  if (source !== '.') return cpSync(join(context, source), target, { recursive: true, filter });
  for (const entry of readdirSync(context).filter(sent))
    cpSync(join(context, entry), join(target, entry), { recursive: true, filter });
}

const steps = {
  WORKDIR(stage, { text }) {
    stage.workdir = text;
    mkdirSync(inStage(stage, '.'), { recursive: true });
  },
  ENV(stage, { words }) {
    for (const word of words) stage.env[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1);
  },
  COPY(stage, { words, flags }, stages) {
    const sources = words.slice(0, -1);
    const destination = words.at(-1);
    for (const source of sources) {
      const intoFolder = destination.endsWith('/') || destination === '.' || sources.length > 1;
      const single = intoFolder && source !== '.';
      const target = single ? join(inStage(stage, destination), basename(source)) : inStage(stage, destination);
      if (flags.from === undefined) {
        copyFromContext(source, target);
      } else {
        const from = stages.get(flags.from);
        if (from === undefined) throw new StepFailure(`there is no earlier stage ${flags.from}`);
        if (!existsSync(inStage(from, source))) throw new StepFailure(`stage ${flags.from} has no ${source}`);
        cpSync(inStage(from, source), target, { recursive: true, verbatimSymlinks: true });
      }
    }
  },
  RUN(stage, { text }, _stages, environment) {
    if (/(?:^|[\s"'=:])\/(?!app\b)/.test(text))
      throw new StepFailure('a step that names paths outside /app can only run in a container');
    const run = spawnSync('sh', ['-c', text.replaceAll('/app/', `${stage.root}/app/`)], {
      cwd: inStage(stage, '.'),
      env: { ...environment, ...stage.env },
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new StepFailure(`exit code ${run.status}\n${run.stdout}${run.stderr}`);
  },
};

/** What a build may take over from outside: the way to the package registry. */
const passedOn =
  /^(?:https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file|ssl_cert_dir|npm_config_cache|npm_config_cafile|npm_config_registry)$/i;

/** What the base image offers to a step: this Node, npm, and nothing else of the environment that we were started in. */
function imageEnvironment(scratch) {
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  copyFileSync(process.execPath, join(bin, 'node'));
  chmodSync(join(bin, 'node'), 0o755);
  const system = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
    PATH: [bin, ...system].join(delimiter),
    HOME: process.env.HOME,
    npm_config_prefer_offline: 'true',
    npm_config_update_notifier: 'false',
  };
}

/** Runs a program of the last stage as its user, with the environment of the image alone. */
function runInStage(stage, environment, program, args) {
  const [uid, gid] = (stage.user ?? '').split(':').map(Number);
  const asUser = process.getuid?.() === 0 ? { uid, gid } : {};
  const env = { PATH: environment.PATH, ...stage.env };
  const run = spawnSync(program, args, { cwd: inStage(stage, '.'), env, encoding: 'utf8', timeout: 60_000, ...asUser });
  if (run.status !== 0)
    throw new StepFailure(`exit code ${run.status ?? run.signal}\n${run.stdout}${run.stderr}${run.error ?? ''}`);
  return run.stdout.trim();
}

/** Loads the composition root, and with it every module and package that the running server needs. Nothing is opened. */
function loadModules(stage, environment) {
  const folder = join(inStage(stage, '.'), 'src/app');
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'main.ts');
  const program = `for (const name of ${JSON.stringify(files)}) await import('./src/app/' + name); process.exit(0);`;
  runInStage(stage, environment, 'node', ['--input-type=module', '--eval', program]);
  return `${files.length} files and all that they import`;
}

function perform(label, work) {
  const startedAt = performance.now();
  try {
    const said = work();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${seconds.padStart(6)} s  ${label}${said === undefined ? '' : `: ${said}`}\n`);
  } catch (error) {
    throw error instanceof StepFailure ? new StepFailure(`${label}: ${error.message}`) : error;
  }
}

function main() {
  const scratch = mkdtempSync(join(tmpdir(), 'container-steps-'));
  try {
    // The unprivileged user has to get at what it runs.
    chmodSync(scratch, 0o755);
    const environment = imageEnvironment(scratch);
    const stages = new Map();
    for (const parsed of parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'))) {
      const stage = openStage(parsed, scratch);
      stages.set(parsed.name, stage);
      for (const instruction of parsed.instructions) {
        const label = `${parsed.name}: ${instruction.name} ${instruction.text}`.slice(0, 120);
        if (instruction.name === 'CMD') stage.cmd = instruction.words;
        if (instruction.name === 'USER') stage.user = instruction.text;
        if (recorded.has(instruction.name)) continue;
        const step = steps[instruction.name];
        if (step === undefined) throw new StepFailure(`${label}: this instruction is not known here`);
        perform(label, () => step(stage, instruction, stages, environment));
      }
    }
    const last = [...stages.values()].at(-1);
    perform(`${last.name}: the composition root loads`, () => loadModules(last, environment));
    const [program, ...args] = last.cmd;
    perform(`${last.name}: ${last.cmd.join(' ')} --version`, () =>
      runInStage(last, environment, program, [...args, '--version']),
    );
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

main();
