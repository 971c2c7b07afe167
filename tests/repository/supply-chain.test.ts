import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface LockEntry {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

const read = (file: string): string => readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
const lockText = read('package-lock.json');
const { packages } = JSON.parse(lockText) as { packages: Readonly<Record<string, LockEntry>> };
const manifest = JSON.parse(read('package.json')) as Manifest;
const entries = Object.entries(packages).filter(([path]) => path !== '');
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Finds a package as Node does: in the folder of the one that asks, then further up. */
function isLocked(path: string, name: string): boolean {
  for (let folder = path; folder !== ''; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    if (`${folder}/node_modules/${name}` in packages) return true;
  }
  return `node_modules/${name}` in packages;
}

describe('package-lock.json', () => {
  it('pins every package by a SHA-512 of its contents', () => {
    expect(entries.length).toBeGreaterThan(100);
    expect(entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  it('takes packages from the registry that npm is set to, from no address, repository or folder', () => {
    expect(entries.filter(([, { resolved, link }]) => resolved !== undefined || link === true).map(([path]) => path)).toEqual([]);
    expect(lockText).not.toMatch(/"(?:git\+|git:|ssh:|file:|https?:)[^"]*\.(?:git|tgz)/);
  });

  it('has an entry for every optional package that it names, since `npm ci` refuses it otherwise', () => {
    const missing = entries.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(path, name))
        .map((name) => `${path} > ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe('package.json', () => {
  it('names one exact version of every package', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('decides on the install scripts of exactly those packages that have one', () => {
    const withScript = new Set(
      entries.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => nameOf(path)),
    );
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...withScript].sort());
  });
});
