/** So much may be counted on `key` within `windowSeconds`. Both limits and costs are whole numbers above 0. */
export interface Limit {
  readonly key: string;
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Limits that are counted together. All their keys lie in one slot of a Redis cluster, by the hash tag `tag`. */
export interface LimitGroup {
  readonly tag: string;
  readonly limits: readonly Limit[];
}

export interface LimitState {
  /** What stands counted: with the cost when it was admitted, without it when not. */
  readonly used: number;
  /** 0 unless this limit refused: then when the same cost will fit, in milliseconds. */
  readonly retryAfterMs: number;
}

export interface Reservation {
  readonly admitted: boolean;
  /** In the order of the group's limits. */
  readonly states: readonly LimitState[];
}

/**
 * Counts in sliding windows. A window is cut into ten segments, and a unit stays counted until the whole segment that it
 * came in has left the window. So no window of that length ever holds more than the limit, however it is laid, and a unit
 * is held at most a tenth of a window longer than exact counting would hold it. Where nodes count together, the difference
 * of their clocks comes on top. A clock that is set back frees nothing before its time.
 */
export interface RateLimiter {
  /** Counts `cost` on every limit of the group if it fits everywhere, and on none otherwise. Atomic in the whole group. */
  reserve(group: LimitGroup, cost: number): Promise<Reservation>;
  /** Takes back up to `cost` on every limit of the group. */
  refund(group: LimitGroup, cost: number): Promise<void>;
}

export const segmentsPerWindow = 10;

/** The length of one segment in milliseconds, a whole number of at least 1. */
export function segmentMsOf({ windowSeconds }: Pick<Limit, 'windowSeconds'>): number {
  return Math.ceil((windowSeconds * 1000) / segmentsPerWindow);
}
