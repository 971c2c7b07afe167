import type { Actor } from '#kernel/actor.ts';
import type { Dimension, PolicyName } from './limit-policy.ts';

/** Who calls, as far as limits may know: the claimed account is not proven. */
export interface Caller {
  readonly actor: Actor;
  /** The normalised identifier that the caller claims, such as an address at sign-in. */
  readonly claimedAccount: string | undefined;
}

/**
 * Whether the call comes from a device that the very account trusts which it claims, or by which it is signed in where it
 * claims none. Limits are then wider: see `trustedFactor`. It must cost the same, and say no, where there is no such account.
 */
export type IsTrustedDevice = (caller: Caller) => Promise<boolean>;

/** What the limits of this caller are multiplied by: 1 for no risk, less the more there is, never 0 or below. */
export type RiskFactor = (caller: Caller) => Promise<number>;

/** A limit that holds for somebody just now. */
export interface HeldLimit {
  readonly policy: PolicyName;
  readonly dimension: Dimension;
  /** A keyed hash: the same caller has the same one, and nobody can tell who it is. */
  readonly subject: string;
  readonly until: Date;
}

/** What limits hold, on all nodes. */
export interface HeldLimits {
  /** Adds a limit that begins to hold, or lengthens it. True when it did not hold before. */
  hold(limit: HeldLimit): Promise<boolean>;
  /** Those that still hold, the longest first, at most `most`. */
  list(most: number): Promise<HeldLimit[]>;
}

/** What came of a call at a limit, for counters. */
export type LimitOutcome = 'refused' | 'challenged' | 'solved';
export type LimitListener = (outcome: LimitOutcome, policy: PolicyName, dimension: Dimension) => void;
