import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { loadNodeRsHasher } from './argon2.node-rs.ts';
import { createDecoyHashes } from './decoy-hashes.ts';
import { createKeyedHash } from './keyed-hash.ts';

const current = { memoryKib: 64, iterations: 2, parallelism: 2 };
const newest = 'm=64,t=2,p=2';
const keyedHash = createKeyedHash(new Secret(Buffer.alloc(32, 7)), 'test');
const addresses = Array.from({ length: 2_000 }, (_, index) => `person-${index}@example.com`);
const parametersOf = (phc: string) => phc.split('$')[3];

describe('decoy hashes', () => {
  it('have the current parameters while nothing is stored, and are opened by no password', async () => {
    const decoys = createDecoyHashes(keyedHash, current);
    const hasher = await loadNodeRsHasher(current);
    const decoy = decoys.for('ada@example.com');
    expect(parametersOf(decoy)).toBe(newest);
    expect(hasher.needsRehash(decoy)).toBe(false);
    for (const guess of ['', 'password', decoy]) expect(await hasher.verify(decoy, new Secret(guess))).toBe(false);
    decoys.follow([]);
    expect(decoys.for('ada@example.com')).toBe(decoy);
  });

  it('have parameters in the proportions of those that are stored', () => {
    const decoys = createDecoyHashes(keyedHash, current);
    decoys.follow([
      { parameters: newest, count: 300 },
      { parameters: 'm=32,t=1,p=1', count: 600 },
      { parameters: 'm=16,p=1,t=3', count: 100 },
    ]);
    const counts = new Map<string | undefined, number>();
    for (const address of addresses) {
      const found = parametersOf(decoys.for(address));
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    // The addresses and the key are fixed, so these are exact each time; 60 is three standard deviations.
    for (const [parameters, expected] of [
      [newest, 600],
      ['m=32,t=1,p=1', 1_200],
      ['m=16,p=1,t=3', 200],
    ] as const)
      expect(Math.abs((counts.get(parameters) ?? 0) - expected), parameters).toBeLessThan(66);
  });

  it('are the same each time, and go over to the current parameters once, as the accounts do', () => {
    const decoys = createDecoyHashes(keyedHash, current);
    const before = new Map<string, boolean>();
    for (const old of [900, 500, 500, 20, 0]) {
      decoys.follow([
        { parameters: newest, count: 1_000 - old },
        { parameters: 'm=32,t=1,p=1', count: old },
      ]);
      for (const address of addresses) {
        const isNew = parametersOf(decoys.for(address)) === newest;
        expect(before.get(address) === true && !isNew).toBe(false);
        expect(decoys.for(address)).toBe(decoys.for(address));
        before.set(address, isNew);
      }
    }
    expect([...before.values()].every(Boolean)).toBe(true);
  });
});
