import { describe, expect, it } from 'vitest';
import { OverloadedError } from '#kernel/errors.ts';
import { Secret } from '#kernel/secret.ts';
import { StartupError } from '#platform/config/startup-error.ts';
import { loadNodeArgon2Hasher } from './argon2.node-argon2.ts';
import { loadNodeRsHasher } from './argon2.node-rs.ts';
import { createPasswordHasher } from './create-password-hasher.ts';
import { cheapest } from './password-hasher.contract.ts';

const noBinary = () => Promise.reject(new Error('no binary for this platform'));
const options = { library: 'auto', parameters: cheapest, maxWaiting: 4 } as const;

describe('createPasswordHasher', () => {
  it('takes the faster library where it loads', async () => {
    expect((await createPasswordHasher(options)).library).toBe('node-rs');
  });

  it('falls back to the other where the faster one has no binary, and keeps the reason', async () => {
    const hasher = await createPasswordHasher(options, { load: { 'node-rs': noBinary, 'node-argon2': loadNodeArgon2Hasher } });
    expect(hasher.library).toBe('node-argon2');
    expect(hasher.fallbackCause).toEqual(new Error('no binary for this platform'));
    expect(await hasher.verify(await hasher.hash(new Secret('pw')), new Secret('pw'))).toBe(true);
  });

  it('falls back when the library loads and then fails to hash', async () => {
    const broken = async () => ({
      ...(await loadNodeRsHasher(cheapest)),
      hash: () => Promise.reject(new Error('illegal instruction')),
    });
    const hasher = await createPasswordHasher(options, { load: { 'node-rs': broken, 'node-argon2': loadNodeArgon2Hasher } });
    expect(hasher.library).toBe('node-argon2');
  });

  it('takes the library that is asked for, and does not replace it silently', async () => {
    expect((await createPasswordHasher({ ...options, library: 'node-argon2' })).library).toBe('node-argon2');
    const load = { 'node-rs': noBinary, 'node-argon2': loadNodeArgon2Hasher };
    await expect(createPasswordHasher({ ...options, library: 'node-rs' }, { load })).rejects.toBeInstanceOf(StartupError);
  });

  it('says at start-up when no library works, with the remedy', async () => {
    const failure = createPasswordHasher(options, { load: { 'node-rs': noBinary, 'node-argon2': noBinary } });
    await expect(failure).rejects.toMatchObject({ name: 'StartupError', remedy: expect.stringContaining('npm ci') });
  });

  it('says at start-up when the memory is too small for the lanes', async () => {
    const parameters = { memoryKib: 8, iterations: 1, parallelism: 4 };
    await expect(createPasswordHasher({ ...options, parameters })).rejects.toMatchObject({
      name: 'StartupError',
      message: expect.stringContaining('ARGON2_MEMORY_KIB'),
    });
  });

  it('refuses with OverloadedError when hashes and verifications together fill the queue', async () => {
    const inner = await loadNodeRsHasher(cheapest);
    const gate = Promise.withResolvers<boolean>();
    const held = { ...inner, verify: () => gate.promise };
    const load = { 'node-rs': () => Promise.resolve(held), 'node-argon2': noBinary };
    const hasher = await createPasswordHasher({ ...options, concurrency: 1, maxWaiting: 1 }, { load });
    const stored = await inner.hash(new Secret('stored'));
    const accepted = [hasher.verify(stored, new Secret('a')), hasher.hash(new Secret('b'))];
    expect(hasher.stats()).toMatchObject({ running: 1, waiting: 1 });
    await expect(hasher.verify(stored, new Secret('c'))).rejects.toBeInstanceOf(OverloadedError);
    await expect(hasher.hash(new Secret('d'))).rejects.toBeInstanceOf(OverloadedError);
    gate.resolve(false);
    await Promise.all(accepted);
    expect(hasher.stats()).toMatchObject({ completed: 2, rejected: 2 });
  });
});
