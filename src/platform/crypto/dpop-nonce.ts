import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#kernel/clock.ts';
import type { Secret } from '#kernel/secret.ts';

/**
 * Nonces that the server makes clients repeat in their proofs (RFC 9449, 8 and 9), so that none can be made long before it
 * is used. They are computed from the time and a key, not stored: every node with the key knows them.
 */
export interface DpopNonces {
  /** The one to use from now on. */
  current(): string;
  /** Whether it is the present one or one next to it: the last one still counts, and so does that of a node ahead of us. */
  isValid(nonce: string): boolean;
}

/** A nonce is good for one to two of these. */
const periodMs = 60_000;
const tagBytes = 18;

export function createDpopNonces({ key, clock }: { readonly key: Secret<Buffer>; readonly clock: Clock }): DpopNonces {
  const made = new Map<number, string>();

  function nonceOf(period: number): string {
    const known = made.get(period);
    if (known !== undefined) return known;
    const nonce = createHmac('sha256', key.reveal()).update(String(period)).digest().subarray(0, tagBytes).toString('base64url');
    // Three are ever asked for; a clock that jumps must not fill the memory.
    if (made.size > 8) made.clear();
    made.set(period, nonce);
    return nonce;
  }

  const present = () => Math.floor(clock.now().getTime() / periodMs);
  return {
    current: () => nonceOf(present()),
    isValid: (nonce) => [0, -1, 1].some((step) => isEqual(nonce, nonceOf(present() + step))),
  };
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}
