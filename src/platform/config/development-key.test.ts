import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadOrCreateDevelopmentKey } from './development-key.ts';
import { StartupError } from './startup-error.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-key-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('loadOrCreateDevelopmentKey', () => {
  it('makes 32 bytes once and finds them again', () => {
    const data = join(folder, 'deep', 'data');
    const key = loadOrCreateDevelopmentKey(data).reveal();
    expect(key).toHaveLength(32);
    expect(loadOrCreateDevelopmentKey(data).reveal()).toEqual(key);
    expect(loadOrCreateDevelopmentKey(join(folder, 'other')).reveal()).not.toEqual(key);
  });

  it('keeps the file from others and leaves no draft behind', () => {
    loadOrCreateDevelopmentKey(folder);
    expect(readdirSync(folder)).toEqual(['development-master-key']);
    expect(statSync(join(folder, 'development-master-key')).mode & 0o777).toBe(0o600);
  });

  it('refuses a damaged file instead of replacing the key that data hangs on', () => {
    const file = join(folder, 'development-master-key');
    writeFileSync(file, 'half-a-key');
    expect(() => loadOrCreateDevelopmentKey(folder)).toThrow(StartupError);
    expect(readFileSync(file, 'utf8')).toBe('half-a-key');
  });

  it.each([
    ['in it', (database: string) => mkdirSync(join(database, 'cluster'), { recursive: true })],
    [
      'elsewhere',
      (database: string) => {
        mkdirSync(join(folder, 'elsewhere', 'cluster'), { recursive: true });
        mkdirSync(database);
        writeFileSync(join(database, 'location'), `${join(folder, 'elsewhere')}\n`);
      },
    ],
  ])('makes no key for a database that has its data %s: it was made with another', (_where, makeDatabase) => {
    makeDatabase(join(folder, 'postgres'));
    expect(() => loadOrCreateDevelopmentKey(folder)).toThrow(/is missing/);
    expect(readdirSync(folder)).not.toContain('development-master-key');
  });

  it('says what to do when the folder cannot be used', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => loadOrCreateDevelopmentKey(file)).toThrow(/can't be kept/);
  });
});
