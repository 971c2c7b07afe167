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
export interface SteadyClock extends Clock {
  /** By how much the clock below has gone back behind what was told already, in milliseconds; 0 as a rule. */
  behindMs(): number;
}

/**
 * A clock that stands still where `source` goes back, until that has caught up. What has ended by time must not come alive
 * because somebody sets the clock: neither a session nor a lockout, nor the moment in which a used refresh token is a second
 * tab's.
 */
export function steadyClock(source: Clock): SteadyClock {
  let latest = source.now();
  return {
    now: () => {
      const now = source.now();
      if (now > latest) latest = now;
      return new Date(latest);
    },
    behindMs: () => Math.max(0, latest.getTime() - source.now().getTime()),
  };
}

export function addSeconds(at: Date, seconds: number): Date {
  return new Date(at.getTime() + seconds * 1000);
}

/** Whole seconds from `from` until `until`, rounded up, at least 1: what a Retry-After header wants (RFC 9110, 10.2.3). */
export function secondsUntil(from: Date, until: Date): number {
  return Math.max(1, Math.ceil((until.getTime() - from.getTime()) / 1000));
}

/** For people to read, to the minute: `2026-11-28 14:03 UTC`. */
export function writtenTime(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
