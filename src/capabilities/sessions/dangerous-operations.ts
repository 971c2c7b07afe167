import type { Acr } from './authentication-context.ts';

/** How recently and how strongly a person must have proved who they are before an operation. */
export interface FreshnessPolicy {
  /** The deployment's STEP_UP_MAX_AGE_SECONDS where it says nothing of its own. */
  readonly maxAgeSeconds?: number;
  readonly acr: Acr;
}

/**
 * Every operation that a stolen session must not be enough for. A new one takes its place here and asks
 * `requireFreshAuthentication` before it does anything.
 *
 * Not here on purpose: `changePassword`, which asks for the current password itself, and ending sessions. Whoever sees a
 * stranger in their account must get them out even while that stranger's guesses keep the password throttled.
 */
export const dangerousOperations = {
  /** Reads old events of a whole organisation, with everybody's network addresses: an export of the log. */
  'event:export': { acr: 'urn:sallyport:aal1' },
} as const satisfies Record<string, FreshnessPolicy>;

export type DangerousOperation = keyof typeof dangerousOperations;
