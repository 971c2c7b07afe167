import { existsSync, readFileSync } from 'node:fs';
import { showProgress } from './print.mjs';
import { inProject, projectNode, toolEnvironment } from './project.mjs';
import { runStep } from './run.mjs';
import { hashOf, isCurrent, stamp } from './stamps.mjs';

/** Everything in the work tree that is made from something else and not kept in version control. */
const steps = [
  {
    name: 'prisma-client',
    label: 'Generating the Prisma client',
    inputs: ['package-lock.json', 'prisma.config.ts', 'prisma/schema'],
    outputs: ['src/generated/prisma/client.ts', 'src/generated/pothos-types.ts'],
    applies: () => existsSync(inProject('prisma', 'schema')),
    run: () =>
      runStep(projectNode(), [inProject('node_modules', 'prisma', 'build', 'index.js'), 'generate', '--no-hints'], {
        env: toolEnvironment({
          PRISMA_SCHEMA_ENGINE_BINARY: noNativeEngine(),
          PRISMA_HIDE_UPDATE_MESSAGE: '1',
          CHECKPOINT_DISABLE: '1',
        }),
        what: 'prisma generate',
      }),
  },
  {
    name: 'web',
    label: 'Building the web pages',
    inputs: ['package-lock.json', 'schema.graphql', 'codegen.ts', 'web'],
    outputs: ['web/dist/index.html'],
    applies: () => existsSync(inProject('web')) && hasScript('build:web'),
    run: () =>
      runStep(projectNode(), ['--run', 'build:web'], {
        env: toolEnvironment({ NODE_ENV: 'production' }),
        what: 'The build of the web pages',
      }),
  },
];

/** Runs the steps whose inputs have changed since they last ran, or whose outputs are gone. */
export async function generate() {
  for (const step of steps) {
    if (!step.applies()) continue;
    const hash = hashOf(step.inputs);
    if (isCurrent(step.name, hash, step.outputs)) continue;
    await showProgress(step.label, step.run);
    stamp(step.name, hash);
  }
}

/** Prisma's command line wants the path of a program here, which generating never runs. Windows knows no shell scripts. */
function noNativeEngine() {
  return process.platform === 'win32' ? projectNode() : inProject('scripts', 'prisma', 'no-native-engine.sh');
}

function hasScript(name) {
  return JSON.parse(readFileSync(inProject('package.json'), 'utf8')).scripts?.[name] !== undefined;
}
