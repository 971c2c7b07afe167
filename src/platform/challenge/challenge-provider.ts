import type { JsonObject } from '#kernel/json.ts';

export type ChallengeKind = 'altcha' | 'turnstile' | 'hcaptcha';

/** Something that costs a caller work, or shows that a person is there. */
export interface ChallengeProvider {
  readonly kind: ChallengeKind;
  /** What a client needs to solve a challenge: of ALTCHA the puzzle itself, of the others the key of their widget. */
  issue(): Promise<JsonObject>;
  /**
   * Whether `response` solves a challenge that this provider issued, that has not expired and was not redeemed before: true
   * once, false for anything else, also where nobody could tell. Never throws. `ipAddress` is that of the caller.
   */
  redeem(response: string, ipAddress: string): Promise<boolean>;
}

/** Remembers what may be used one time only. */
export interface UsedOnce {
  /** True for the first call with this id, for at least `lifetimeSeconds`. Rejects where it can't tell. */
  claim(id: string, lifetimeSeconds: number): Promise<boolean>;
}

/** Longest response that is looked at, in characters: those of the hosted providers reach some 2 kB. */
export const longestResponse = 8_192;
