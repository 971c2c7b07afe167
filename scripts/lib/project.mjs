import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');
export const binFolder = join(projectFolder, 'node_modules', '.bin');

export function inProject(...parts) {
  return join(projectFolder, ...parts);
}

const projectMajor = 24;

/** Node 24 as npm installed it. Null where it is missing, which is a defect of the installation. */
export function installedNode() {
  const program = inProject('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  return existsSync(program) ? program : null;
}

/** The Node that runs the TypeScript: npm's, or the system's own where that is new enough. Null where there is neither. */
export function projectNode() {
  return installedNode() ?? (Number(process.versions.node.split('.')[0]) >= projectMajor ? process.execPath : null);
}

/** The environment for the tools of the project: they find each other on PATH. */
export function toolEnvironment(additions = {}) {
  return { ...process.env, PATH: [binFolder, process.env.PATH].filter(Boolean).join(delimiter), ...additions };
}

/** The environment for npm itself: its Node must not be the one in the folder that npm is about to replace. */
export function npmEnvironment() {
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== binFolder);
  return { ...process.env, PATH: path.join(delimiter) };
}
