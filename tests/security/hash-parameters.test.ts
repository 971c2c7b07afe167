import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { anotherNetwork, documents, type Person, registeredPerson } from '#tests/support/stories.ts';

/** At what parameters guesses are verified: what an attacker measures by the time that it takes. */
const verified = vi.hoisted((): string[] => []);

vi.mock('#platform/crypto/argon2.node-rs.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('#platform/crypto/argon2.node-rs.ts')>();
  return {
    loadNodeRsHasher: async (parameters: Parameters<typeof original.loadNodeRsHasher>[0]) => {
      const hasher = await original.loadNodeRsHasher(parameters);
      return {
        ...hasher,
        verify: (...[phc, password]: Parameters<typeof hasher.verify>) => {
          verified.push(phc.split('$')[3] ?? '');
          return hasher.verify(phc, password);
        },
      };
    },
  };
});

const [older, newer] = ['m=64,t=1,p=1', 'm=128,t=1,p=1'];

let before: TestApp;
let raised: TestApp;
const people: Person[] = [];
beforeAll(async () => {
  before = await makeTestApp({ env: { TRUST_PROXY: 'loopback', PASSWORD_HASHER: 'node-rs', ARGON2_PARALLELISM: '1' } });
  for (let count = 0; count < 3; count += 1) people.push(await registeredPerson(before));
  raised = await makeTestApp({
    besides: before,
    env: { TRUST_PROXY: 'loopback', PASSWORD_HASHER: 'node-rs', ARGON2_PARALLELISM: '1', ARGON2_MEMORY_KIB: '128' },
  });
});
afterAll(async () => {
  await raised?.close();
  await before?.close();
});

/** The parameters of the account's hash, or of what stands for it, at a wrong guess. */
async function parametersAt(email: string): Promise<string | undefined> {
  verified.length = 0;
  const input = { email, password: 'wrong donkey battery staple' };
  const { data } = await new TestClient(raised).send(documents.login, { input }, anotherNetwork());
  expect(data.login.code).toBe('INVALID_CREDENTIALS');
  return verified[0];
}

describe('raising the cost of a hash', () => {
  it('does not tell who had an account before: an address without one has old parameters as often', async () => {
    for (const { email } of people) expect(await parametersAt(email)).toBe(older);
    for (let count = 0; count < 20; count += 1)
      expect(await parametersAt(`nobody-${crypto.randomUUID()}@example.com`)).toBe(older);
  });

  it('nor later, while some have signed in and others have not', async () => {
    for (let count = 0; count < 3; count += 1) await registeredPerson(raised);
    await raised.node.maintain();
    const counts = new Map<string | undefined, number>();
    const addresses = Array.from({ length: 60 }, () => `nobody-${crypto.randomUUID()}@example.com`);
    const first = new Map<string, string | undefined>();
    for (const email of addresses) {
      const found = await parametersAt(email);
      first.set(email, found);
      counts.set(found, (counts.get(found) ?? 0) + 1);
    }
    // Half of the accounts have the old parameters. Five standard deviations from half are 19.
    expect([...counts.keys()].toSorted()).toEqual([newer, older].toSorted());
    expect(counts.get(older)).toBeGreaterThan(10);
    expect(counts.get(older)).toBeLessThan(50);
    for (const email of addresses.slice(0, 10)) expect(await parametersAt(email)).toBe(first.get(email));
  });
});
