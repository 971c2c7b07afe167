import { segmentsPerWindow } from './rate-limiter.ts';

// The segment that is filled now, and those that reach into the window before it.
const places = segmentsPerWindow + 1;

/** What one key has counted, by segments of time: a ring, of which `newest` is the last segment that was written. */
export interface SlidingWindow {
  readonly counts: number[];
  newest: number;
  used: number;
}

export function emptyWindow(): SlidingWindow {
  return { counts: new Array<number>(places).fill(0), newest: 0, used: 0 };
}

/** Forgets the segments that have left the window by `nowMs`. */
export function slide(window: SlidingWindow, nowMs: number, segmentMs: number): void {
  const current = Math.floor(nowMs / segmentMs);
  if (current === window.newest) return;
  if (current < window.newest || current - window.newest >= places) {
    // Set back, the clock says nothing of when things were counted: all of it is held for one whole window from now.
    const kept = current < window.newest ? window.used : 0;
    window.counts.fill(0);
    window.counts[current % places] = kept;
    window.used = kept;
  } else {
    for (let segment = window.newest + 1; segment <= current; segment += 1) {
      window.used -= window.counts[segment % places] ?? 0;
      window.counts[segment % places] = 0;
    }
  }
  window.newest = current;
}

/** Counts on a window that has been slid to now. */
export function add(window: SlidingWindow, cost: number): void {
  window.counts[window.newest % places] = (window.counts[window.newest % places] ?? 0) + cost;
  window.used += cost;
}

/** Takes back up to `cost`, the newest first. */
export function takeBack(window: SlidingWindow, cost: number): void {
  let left = cost;
  for (let segment = window.newest; segment > window.newest - places && left > 0; segment -= 1) {
    const place = ((segment % places) + places) % places;
    const taken = Math.min(left, window.counts[place] ?? 0);
    window.counts[place] = (window.counts[place] ?? 0) - taken;
    window.used -= taken;
    left -= taken;
  }
}

/** In how many milliseconds `excess` of what a slid window holds will have left it; a whole window if it holds less. */
export function freedInMs(window: SlidingWindow, excess: number, nowMs: number, segmentMs: number): number {
  let freed = 0;
  for (let segment = window.newest - segmentsPerWindow; segment <= window.newest; segment += 1) {
    freed += window.counts[((segment % places) + places) % places] ?? 0;
    if (freed >= excess) return (segment + places) * segmentMs - nowMs;
  }
  return places * segmentMs;
}
