import { z } from 'zod';
import type { Secret } from '#kernel/secret.ts';
import type { Logger } from '#platform/observability/logger.ts';
import { type ChallengeProvider, longestResponse } from './challenge-provider.ts';

export interface SiteverifyOptions {
  readonly kind: 'turnstile' | 'hcaptcha';
  readonly siteKey: string;
  readonly secret: Secret<string>;
  readonly logger: Logger;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

/** The only addresses that are ever called: nothing of a request reaches them, so there is nothing to forge. */
const addresses = {
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
} as const;

const answerShape = z.object({ success: z.boolean() });

/**
 * Cloudflare Turnstile and hCaptcha, which have the same interface: the client shows their widget by its site key, and we
 * ask whether the token that it gave is good. They let each token pass once. While they are away nothing is solved.
 */
export function siteverifyProvider(options: SiteverifyOptions): ChallengeProvider {
  const { kind, siteKey, secret, logger, fetch: request = fetch, timeoutMs = 3_000 } = options;

  async function ask(response: string, ipAddress: string): Promise<boolean> {
    const answer = await request(addresses[kind], {
      method: 'POST',
      body: new URLSearchParams({ secret: secret.reveal(), response, remoteip: ipAddress, sitekey: siteKey }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!answer.ok) throw new Error(`${kind} answered ${answer.status}`);
    return answerShape.parse(await answer.json()).success;
  }

  return {
    kind,
    issue: async () => ({ siteKey }),
    redeem: async (response, ipAddress) => {
      if (response === '' || response.length > longestResponse) return false;
      try {
        return await ask(response, ipAddress);
      } catch (error) {
        logger.warn('the challenge provider could not be asked', { provider: kind, error });
        return false;
      }
    },
  };
}
