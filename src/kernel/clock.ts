/** Where the product reads the time. Nothing else calls `Date.now()`, so that tests move time instead of waiting for it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/**
 * How far two clocks may be off, in seconds: wherever an `iat`, `nbf`, `exp` or `auth_time` is compared with our time. Nodes
 * keep their clocks by NTP; what is further in the future than this was made by a clock that was wrong, and is refused.
 */
export const clockToleranceSeconds = 5;

export function addSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

/** Whole seconds from `from` until `until`, rounded up, at least 1: what a Retry-After header wants (RFC 9110, 10.2.3). */
export function secondsUntil(from: Date, until: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - from.getTime()) / 1000));
}
