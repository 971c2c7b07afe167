import { createChallenge, type Payload, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2';
import { z } from 'zod';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Secret } from '#kernel/secret.ts';
import { type ChallengeProvider, longestResponse, type UsedOnce } from './challenge-provider.ts';

export interface AltchaOptions {
  /** Signs the challenges, so that none has to be stored. */
  readonly key: Secret<Buffer>;
  /** PBKDF2 iterations of one try. A solution takes 256 tries on average, a check one. */
  readonly iterations: number;
  readonly used: UsedOnce;
  readonly clock: Clock;
}

const lifetimeSeconds = 300;
/** Two hex digits that the derived key must begin with: one try in 256 hits. */
const keyPrefix = '00';

const payloadShape = z.object({
  challenge: z.object({
    parameters: z.looseObject({ nonce: z.string().max(64), expiresAt: z.number() }),
    signature: z.string().max(128),
  }),
  solution: z.object({ counter: z.number(), derivedKey: z.string().max(128) }),
});

/**
 * Self-hosted proof of work by ALTCHA (https://altcha.org): nothing leaves this server and nobody is tracked. PBKDF2 keeps
 * the distance small between a browser and a machine that was built for guessing. The response is base64 of
 * `{ challenge, solution }`, which ALTCHA's widget makes. A challenge lives for five minutes and is redeemed once.
 */
export function altchaProvider({ key, iterations, used, clock }: AltchaOptions): ChallengeProvider {
  const hmacSignatureSecret = key.reveal().toString('base64url');
  return {
    kind: 'altcha',
    issue: async () => {
      const { parameters, signature } = await createChallenge({
        algorithm: 'PBKDF2/SHA-256',
        cost: iterations,
        keyPrefix,
        deriveKey,
        expiresAt: addSeconds(clock.now(), lifetimeSeconds),
        hmacSignatureSecret,
      });
      // As JSON writes it: without what is undefined, which the signature does not cover either.
      return JSON.parse(JSON.stringify({ parameters, signature })) as JsonObject;
    },
    redeem: async (response) => {
      const payload = read(response);
      if (payload?.challenge.parameters.expiresAt === undefined) return false;
      const now = clock.now();
      // The library asks the machine's clock, which tests do not move.
      if (payload.challenge.parameters.expiresAt * 1000 <= now.getTime()) return false;
      try {
        const { verified } = await verifySolution({ ...payload, deriveKey, hmacSignatureSecret });
        return verified && (await used.claim(payload.challenge.parameters.nonce, lifetimeSeconds));
      } catch {
        // Signed parameters are ours, so what still fails is odd input or the memory of what was used: not solved.
        return false;
      }
    },
  };
}

function read(response: string): Payload | null {
  if (response.length > longestResponse) return null;
  try {
    const parsed = payloadShape.safeParse(JSON.parse(Buffer.from(response, 'base64').toString('utf8')));
    // The whole of what was sent is what was signed: the check compares it, member by member.
    return parsed.success ? (parsed.data as unknown as Payload) : null;
  } catch {
    return null;
  }
}
