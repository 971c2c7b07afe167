import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { inProject } from './project.mjs';

/** A stamp says from which inputs a generated thing was made. It lies in node_modules, so a fresh installation drops it. */
const stampFile = (name) => inProject('node_modules', '.cache', 'sallyport', `${name}.stamp`);

const ignored = new Set(['node_modules', 'dist', '.cache', '.DS_Store']);

/** Hash of the contents of `inputs`, files or folders relative to the project. What is missing counts as missing. */
export function hashOf(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesBelow(inProject(input))) {
      hash.update(file.split(sep).join('/').slice(inProject().length)).update('\0').update(readFileSync(file)).update('\0');
    }
    hash.update('\n');
  }
  return hash.digest('hex');
}

export function isCurrent(name, hash, outputs) {
  if (!outputs.every((output) => existsSync(inProject(output)))) return false;
  const file = stampFile(name);
  return existsSync(file) && readFileSync(file, 'utf8') === hash;
}

export function stamp(name, hash) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), hash);
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !ignored.has(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
