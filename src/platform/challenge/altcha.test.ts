import { randomBytes } from 'node:crypto';
import { type Challenge, createChallenge, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { altchaProvider } from './altcha.ts';
import { memoryUsedOnce } from './used-once.memory.ts';

function setUp() {
  let offsetMs = 0;
  const clock = { now: () => new Date(Date.now() + offsetMs) };
  const used = memoryUsedOnce(clock);
  const key = new Secret(randomBytes(32));
  const provider = altchaProvider({ key, iterations: 1, used, clock });
  return {
    key,
    provider,
    used,
    advance: (seconds: number) => {
      offsetMs += seconds * 1000;
    },
  };
}

async function solve(challenge: Challenge): Promise<{ challenge: Challenge; solution: object }> {
  const solution = await solveChallenge({ challenge, deriveKey });
  if (!solution) throw new Error('no solution was found');
  return { challenge, solution };
}
const encode = (payload: unknown) => Buffer.from(JSON.stringify(payload)).toString('base64');
const issued = async ({ provider }: ReturnType<typeof setUp>) =>
  (await provider.issue()) as unknown as Challenge & { parameters: { nonce: string } };

describe('altchaProvider', () => {
  it('redeems a solution once', async () => {
    const test = setUp();
    const response = encode(await solve(await issued(test)));
    const answers = await Promise.all(Array.from({ length: 20 }, () => test.provider.redeem(response, '')));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await test.provider.redeem(response, '')).toBe(false);
  });

  it('redeems none after five minutes', async () => {
    const test = setUp();
    const payload = await solve(await issued(test));
    test.advance(301);
    expect(await test.provider.redeem(encode(payload), '')).toBe(false);
  });

  it('redeems nothing that it did not sign, nothing easier and nothing that lives longer', async () => {
    const test = setUp();
    const foreign = await createChallenge({ algorithm: 'PBKDF2/SHA-256', cost: 1, deriveKey, hmacSignatureSecret: 'guessed' });
    const unsigned = await createChallenge({ algorithm: 'PBKDF2/SHA-256', cost: 1, deriveKey });
    const own = await issued(test);
    const solved = await solve(own);
    const edited = (changes: object) => ({ ...solved, challenge: { ...own, parameters: { ...own.parameters, ...changes } } });
    for (const payload of [
      await solve(foreign),
      await solve(unsigned),
      edited({ expiresAt: 9_999_999_999 }),
      edited({ keyPrefix: '0' }),
      // The same challenge under another name would be a second use of it.
      edited({ nonce: own.parameters.nonce.toUpperCase() }),
      { ...solved, solution: { counter: 1, derivedKey: '00' } },
    ])
      expect(await test.provider.redeem(encode(payload), '')).toBe(false);
    expect(await test.provider.redeem(encode(solved), '')).toBe(true);
  });

  it.each(['', 'x', '{}', encode(null), encode({}), encode({ challenge: {}, solution: {} }), 'A'.repeat(100_000)])(
    'answers no to odd input: %.20j',
    async (response) => expect(await setUp().provider.redeem(response, '')).toBe(false),
  );

  it('answers no where nobody can tell what was used', async () => {
    const test = setUp();
    const clock = { now: () => new Date() };
    const used = { claim: async () => Promise.reject(new Error('Redis is away')) };
    const provider = altchaProvider({ key: test.key, iterations: 1, used, clock });
    expect(await provider.redeem(encode(await solve(await issued(test))), '')).toBe(false);
  });
});
