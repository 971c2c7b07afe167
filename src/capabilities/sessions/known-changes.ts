/** Which sessions and persons changed lately, as far as this node knows: so that what was read before is told from what was read after. */
export interface KnownChanges {
  /** A mark to compare with later: taken before the database is asked. */
  mark(): number;
  note(id: string): void;
  /** Whether a change of one of these became known after the mark, or one may have been forgotten since. */
  anySince(mark: number, ...ids: readonly string[]): boolean;
}

interface Change {
  readonly number: number;
  readonly atMs: number;
}

/**
 * Remembers each change for `rememberMs`, which must be longer than anything marked is in use. When there are more of them
 * than `maxEntries`, the oldest are forgotten, and with them the right to call anything older unchanged.
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

  function makeRoom(nowMs: number): void {
    for (const [id, { number, atMs }] of changes) {
      const expired = nowMs - atMs > rememberMs;
      if (!expired && changes.size <= maxEntries) return;
      if (!expired) forgottenUpTo = number;
      changes.delete(id);
    }
  }

  return {
    mark: () => count,
    note: (id) => {
      const atMs = monotonicMs();
      count += 1;
      changes.delete(id);
      changes.set(id, { number: count, atMs });
      makeRoom(atMs);
    },
    anySince: (mark, ...ids) => mark < forgottenUpTo || ids.some((id) => (changes.get(id)?.number ?? 0) > mark),
  };
}
