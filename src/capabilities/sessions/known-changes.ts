/** Which sessions and persons changed lately, as far as this node knows: so that what was read before is told from what was read after. */
export interface KnownChanges {
  /** A mark to compare with later: taken before the database is asked. */
  mark(): number;
  /** `position` is that of the event in the log; without it the change was committed here and has none yet. */
  note(id: string, position?: bigint): void;
  /** Whether a change of one of these became known after the mark, or one may have been forgotten since. */
  anySince(mark: number, ...ids: readonly string[]): boolean;
  /**
   * Whether one of these may have changed after `position`. `placedBeforeMs`: what was committed here earlier than that has
   * been told with its position by now.
   */
  anyAfter(position: bigint, placedBeforeMs: number, ...ids: readonly string[]): boolean;
}

interface Change {
  /** In the order in which changes became known here. */
  readonly number: number;
  readonly atMs: number;
  /** The latest place in the log; 0 while there is none. */
  readonly position: bigint;
  /** When this node last committed one itself. */
  readonly committedHereAtMs: number;
}

/**
 * Remembers each change for `rememberMs`, which must be longer than anything marked is in use. When there are more of them
 * than `maxEntries`, the oldest are forgotten, and with them the right to call anything older unchanged. What is asked by
 * position may be of any age, so for that the same holds of what was forgotten for its age.
 */
export function createKnownChanges({
  monotonicMs,
  rememberMs,
  maxEntries,
}: {
  readonly monotonicMs: () => number;
  readonly rememberMs: number;
  readonly maxEntries: number;
}): KnownChanges {
  // In the order of their last change: a Map iterates in the order of insertion.
  const changes = new Map<string, Change>();
  let count = 0;
  let forgottenUpTo = 0;
  let forgottenPosition = 0n;
  let latestPosition = 0n;

  function makeRoom(nowMs: number): void {
    for (const [id, { number, atMs, position, committedHereAtMs }] of changes) {
      const expired = nowMs - atMs > rememberMs;
      if (!expired && changes.size <= maxEntries) return;
      if (!expired) forgottenUpTo = number;
      // One without a place has either been told by now or will be told, and noted, again.
      forgottenPosition = later(forgottenPosition, committedHereAtMs === atMs ? latestPosition : position);
      changes.delete(id);
    }
  }

  return {
    mark: () => count,
    note: (id, position) => {
      const atMs = monotonicMs();
      const before = changes.get(id);
      count += 1;
      if (position !== undefined) latestPosition = later(latestPosition, position);
      changes.delete(id);
      changes.set(id, {
        number: count,
        atMs,
        position: later(before?.position ?? 0n, position ?? 0n),
        committedHereAtMs: position === undefined ? atMs : (before?.committedHereAtMs ?? Number.NEGATIVE_INFINITY),
      });
      makeRoom(atMs);
    },
    anySince: (mark, ...ids) => mark < forgottenUpTo || ids.some((id) => (changes.get(id)?.number ?? 0) > mark),
    anyAfter: (position, placedBeforeMs, ...ids) =>
      position < forgottenPosition ||
      ids.some((id) => {
        const change = changes.get(id);
        return change !== undefined && (change.position > position || change.committedHereAtMs >= placedBeforeMs);
      }),
  };
}

function later(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
