import nodeRs from '@node-rs/argon2';
import nodeArgon2 from 'argon2';
import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { loadNodeArgon2Hasher } from './argon2.node-argon2.ts';
import { loadNodeRsHasher } from './argon2.node-rs.ts';
import { cheapest, describePasswordHasher } from './password-hasher.contract.ts';

describePasswordHasher('@node-rs/argon2', loadNodeRsHasher, loadNodeArgon2Hasher);
describePasswordHasher('argon2', loadNodeArgon2Hasher, loadNodeRsHasher);

describe('PHC strings, held against the libraries themselves', () => {
  const adapters = { 'node-rs': loadNodeRsHasher, 'node-argon2': loadNodeArgon2Hasher };

  it.each(Object.entries(adapters))('both libraries read what we write by %s', async (_, load) => {
    const phc = await (await load(cheapest)).hash(new Secret('pässword'));
    expect(await nodeRs.verify(phc, 'pässword')).toBe(true);
    expect(await nodeRs.verify(phc, 'password')).toBe(false);
    expect(await nodeArgon2.verify(phc, 'pässword')).toBe(true);
    expect(await nodeArgon2.verify(phc, 'password')).toBe(false);
    expect(nodeRs.parseOptions(phc)).toMatchObject({ memoryCost: 8, timeCost: 1, parallelism: 1, outputLen: 32, saltLen: 16 });
  });

  it.each(Object.entries(adapters))('we read by %s what both libraries write, in either order of parameters', async (_, load) => {
    const hasher = await load(cheapest);
    const byRust = await nodeRs.hash('pässword', { memoryCost: 64, timeCost: 2, parallelism: 1 });
    const byC = await nodeArgon2.hash('pässword', { memoryCost: 64, timeCost: 2, parallelism: 1 });
    expect([byRust, byC].map((phc) => phc.split('$')[3])).toEqual(['m=64,t=2,p=1', 'm=64,p=1,t=2']);
    for (const phc of [byRust, byC]) {
      expect(await hasher.verify(phc, new Secret('pässword'))).toBe(true);
      expect(await hasher.verify(phc, new Secret('password'))).toBe(false);
      expect(hasher.needsRehash(phc)).toBe(true);
    }
  });
});
