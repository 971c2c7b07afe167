import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { SealBrokenError } from './seal.ts';
import { createSealedEntries } from './sealed-entries.ts';

const masterKey = new Secret(randomBytes(32));
const entries = createSealedEntries(masterKey, 'test');
const [ada, grace] = [Buffer.from('ada'), Buffer.from('grace')];

it('opens what was sealed for the same entry, also by another instance', () => {
  const sealed = entries(ada).seal(Buffer.from('secret'));
  expect(createSealedEntries(masterKey, 'test')(ada).open(sealed).toString()).toBe('secret');
});

it('opens nothing that belongs to another entry, purpose or master key, nor what was changed', () => {
  const sealed = entries(ada).seal(Buffer.from('secret'));
  const changed = Buffer.from(sealed);
  changed[20] = (changed[20] ?? 0) ^ 1;
  const others = [
    () => entries(grace).open(sealed),
    () => entries(ada).open(changed),
    () => entries(ada).open(Buffer.from('{"no":"seal"}')),
    () => createSealedEntries(masterKey, 'other')(ada).open(sealed),
    () => createSealedEntries(new Secret(randomBytes(32)), 'test')(ada).open(sealed),
  ];
  for (const other of others) expect(other).toThrow(SealBrokenError);
});

it('names an entry by nothing that can be told from its id without the key', () => {
  expect(entries(ada).name).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(entries(ada).name).toBe(createSealedEntries(masterKey, 'test')(ada).name);
  const names = [entries(ada), entries(grace), createSealedEntries(new Secret(randomBytes(32)), 'test')(ada)].map(
    ({ name }) => name,
  );
  expect(new Set(names).size).toBe(3);
});
