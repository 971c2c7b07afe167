import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import type { PasswordHasher, PasswordHashParameters } from './password-hasher.ts';

export type LoadHasher = (parameters: PasswordHashParameters) => Promise<PasswordHasher>;

/** The least that Argon2 allows for one lane: the contract is about shape and truth, not about cost. */
export const cheapest: PasswordHashParameters = { memoryKib: 8, iterations: 1, parallelism: 1 };

const phcShape = /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;
const salt = 'MDEyMzQ1Njc4OWFiY2RlZg';
const tag = '9tXkVnW5DzzaYHZ2XBhGyOaBzYFVIlYmnbZFWEqgXmc';

const malformed: Readonly<Record<string, string>> = {
  empty: '',
  'plain text': 'correct horse battery staple',
  Argon2i: `$argon2i$v=19$m=8,t=1,p=1$${salt}$${tag}`,
  Argon2d: `$argon2d$v=19$m=8,t=1,p=1$${salt}$${tag}`,
  'version 1.0': `$argon2id$v=16$m=8,t=1,p=1$${salt}$${tag}`,
  'no version': `$argon2id$m=8,t=1,p=1$${salt}$${tag}`,
  bcrypt: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
  'no tag': `$argon2id$v=19$m=8,t=1,p=1$${salt}`,
  'empty tag': `$argon2id$v=19$m=8,t=1,p=1$${salt}$`,
  'short tag': `$argon2id$v=19$m=8,t=1,p=1$${salt}$AAAAAAAAAAAAAAAAAAAA`,
  'short salt': `$argon2id$v=19$m=8,t=1,p=1$AAAA$${tag}`,
  'one parameter twice': `$argon2id$v=19$m=8,m=8,p=1$${salt}$${tag}`,
  'a parameter of zero': `$argon2id$v=19$m=8,t=0,p=1$${salt}$${tag}`,
  'a negative parameter': `$argon2id$v=19$m=8,t=-1,p=1$${salt}$${tag}`,
  'memory below 8 KiB a lane': `$argon2id$v=19$m=8,t=1,p=2$${salt}$${tag}`,
  'more memory than there is': `$argon2id$v=19$m=9999999999,t=1,p=1$${salt}$${tag}`,
  'a year of iterations': `$argon2id$v=19$m=8,t=9999999999,p=1$${salt}$${tag}`,
  'padded base64': `$argon2id$v=19$m=8,t=1,p=1$${salt}==$${tag}=`,
  'stray trailing bits': `$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZh$${tag}`,
  'a line break at the end': `$argon2id$v=19$m=8,t=1,p=1$${salt}$${tag}\n`,
  'associated data': `$argon2id$v=19$m=8,t=1,p=1,data=AAAA$${salt}$${tag}`,
};

/** What each adapter of PasswordHasher must do; `other` is another adapter, for reading each other's hashes. */
export function describePasswordHasher(name: string, load: LoadHasher, other: LoadHasher): void {
  describe(`PasswordHasher by ${name}`, () => {
    const secret = (text: string) => new Secret(text);

    it('writes a PHC string of Argon2id v1.3 with a 16-byte salt and a 32-byte tag', async () => {
      const hasher = await load(cheapest);
      expect(await hasher.hash(secret('a password'))).toMatch(phcShape);
    });

    it('salts: the same password never hashes to the same string twice', async () => {
      const hasher = await load(cheapest);
      const hashes = await Promise.all(Array.from({ length: 20 }, () => hasher.hash(secret('a password'))));
      expect(new Set(hashes).size).toBe(20);
    });

    it('accepts the right password and no other', async () => {
      const hasher = await load(cheapest);
      const phc = await hasher.hash(secret('a password'));
      expect(await hasher.verify(phc, secret('a password'))).toBe(true);
      for (const wrong of ['A password', 'a password ', ' a password', 'a passwor', 'a password\0', '']) {
        expect(await hasher.verify(phc, secret(wrong)), JSON.stringify(wrong)).toBe(false);
      }
    });

    it.each([
      ['emoji and combining marks', 'pa\u0301ssword 👩‍👩‍👧‍👦 пароль 密碼 كلمة'],
      ['a NUL inside', 'before\0after'],
      ['4 KB', 'x'.repeat(4096)],
      ['4 KB of four-byte characters', '🔑'.repeat(1024)],
      ['nothing', ''],
    ])('takes %s, whole', async (_, password) => {
      const hasher = await load(cheapest);
      const phc = await hasher.hash(secret(password));
      expect(await hasher.verify(phc, secret(password))).toBe(true);
      expect(await hasher.verify(phc, secret(`${password}x`))).toBe(false);
      expect(await hasher.verify(phc, secret(password.slice(0, -1)))).toBe(password === '');
    });

    it('looks past a NUL: what follows it counts', async () => {
      const hasher = await load(cheapest);
      const phc = await hasher.hash(secret('before\0after'));
      expect(await hasher.verify(phc, secret('before\0other'))).toBe(false);
    });

    it('takes bytes as they come: composed and decomposed letters are different passwords', async () => {
      const hasher = await load(cheapest);
      const phc = await hasher.hash(secret('caf\u00e9'));
      expect(await hasher.verify(phc, secret('cafe\u0301'))).toBe(false);
    });

    it('verifies at the parameters of the stored hash, not at the current ones', async () => {
      const old = await (await load(cheapest)).hash(secret('a password'));
      const current = await load({ memoryKib: 64, iterations: 2, parallelism: 2 });
      expect(await current.verify(old, secret('a password'))).toBe(true);
      expect(await current.verify(old, secret('another'))).toBe(false);
    });

    it('reads what the other adapter wrote, and the other way round', async () => {
      const parameters = { memoryKib: 64, iterations: 2, parallelism: 2 };
      const [ours, theirs] = await Promise.all([load(parameters), other(parameters)]);
      const [byUs, byThem] = await Promise.all([ours.hash(secret('pässword')), theirs.hash(secret('pässword'))]);
      expect(await ours.verify(byThem, secret('pässword'))).toBe(true);
      expect(await theirs.verify(byUs, secret('pässword'))).toBe(true);
      expect(await ours.verify(byThem, secret('password'))).toBe(false);
      expect(ours.needsRehash(byThem)).toBe(false);
    });

    it('wants a new hash as soon as any parameter differs, up or down', async () => {
      const parameters = { memoryKib: 64, iterations: 2, parallelism: 2 };
      const phc = await (await load(parameters)).hash(secret('a password'));
      expect((await load(parameters)).needsRehash(phc)).toBe(false);
      for (const change of [
        { memoryKib: 65 },
        { memoryKib: 63 },
        { iterations: 3 },
        { iterations: 1 },
        { parallelism: 1 },
        { parallelism: 3 },
      ]) {
        expect((await load({ ...parameters, ...change })).needsRehash(phc), JSON.stringify(change)).toBe(true);
      }
    });

    it('wants a new hash for a shorter salt or tag', async () => {
      const hasher = await load(cheapest);
      expect(hasher.needsRehash(`$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc$${tag}`)).toBe(true);
      expect(hasher.needsRehash(`$argon2id$v=19$m=8,t=1,p=1$${salt}$AAAAAAAAAAAAAAAAAAAAAA`)).toBe(true);
    });

    it.each(Object.entries(malformed))('throws a plain Error that shows nothing for a stored hash with %s', async (_, phc) => {
      const hasher = await load(cheapest);
      const failure = await hasher.verify(phc, secret('a password')).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(Error);
      expect((failure as Error).constructor).toBe(Error);
      expect((failure as Error).message).not.toContain(salt.slice(0, 12));
      expect(() => hasher.needsRehash(phc)).toThrow('stored password hash');
    });

    it('tells a hash with one bit of the tag or the salt changed from the true one', async () => {
      const hasher = await load(cheapest);
      const phc = await hasher.hash(secret('a password'));
      const [, , , , saltText = '', tagText = ''] = phc.split('$');
      const flip = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
      expect(await hasher.verify(phc.replace(tagText, flip(tagText)), secret('a password'))).toBe(false);
      expect(await hasher.verify(phc.replace(saltText, flip(saltText)), secret('a password'))).toBe(false);
    });
  });
}
