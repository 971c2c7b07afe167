import type { Logger } from '#platform/observability/logger.ts';
import type { EventStore, EventWakeup } from './events.ports.ts';
import type { SecurityEvent } from './security-event.ts';

export interface EventFeedDeps {
  readonly store: Pick<EventStore, 'sequence' | 'readAfter' | 'lastPosition'>;
  readonly wakeup: EventWakeup;
  readonly logger: Logger;
  readonly batch?: number;
  /** How often to look while hints arrive, and while they don't. Both in milliseconds. */
  readonly pollMs?: { readonly healthy: number; readonly deaf: number };
  /** A clock that is never set back, in milliseconds. */
  readonly monotonicMs?: () => number;
}

/** This node's view of the log's end: every event exactly once, in order, to every listener. */
export interface EventFeed {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Says that this node committed an event. Never waits, never throws. */
  wake(): void;
  /** The last position that listeners were told of. */
  position(): bigint;
  /** Listeners were told of every event after this position; undefined before the start. */
  followedFrom(): bigint | undefined;
  /** When the last turn began that told of every event committed before it, in milliseconds of `monotonicMs`. */
  caughtUpAtMs(): number;
  /** `listener` gets each event after `position()`. It must not throw or wait. Returns how to stop. */
  listen(listener: (event: SecurityEvent) => void): () => void;
  /** One turn now: sequence, read, tell. For tests and for shutdown. */
  turn(): Promise<void>;
}

/**
 * Wishes that come within this time of a turn wait for one turn together: under load a turn costs as much as a sign-in does
 * besides its hash. Nobody sees the difference live, and this node knows what it committed itself without a turn.
 */
const gatherMs = 40;

/**
 * Tails the log. Committed events wait in the outbox until some node's turn moves them to the log under one lock and gives
 * them contiguous positions. So a transaction that commits late gets a later position, and a reader who knows the last
 * position it saw misses none. Hints make it quick; the poll makes it certain, also for events of a node that died.
 */
export function createEventFeed({
  store,
  wakeup,
  logger,
  batch = 500,
  // Often enough that what relies on `caughtUpAtMs` seldom has to do without: see sessions/session-cache.ts.
  pollMs = { healthy: 400, deaf: 250 },
  monotonicMs = () => performance.now(),
}: EventFeedDeps): EventFeed {
  const listeners = new Set<(event: SecurityEvent) => void>();
  let position = 0n;
  let followedFrom: bigint | undefined;
  let pollTimer: NodeJS.Timeout | undefined;
  let gatherTimer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  /** What the next turn has to do; a hint of another node's says that the log grew, so nothing is left to sequence. */
  let wanted: 'nothing' | 'read' | 'sequence' = 'nothing';
  let stopped = true;
  let caughtUpAt = Number.NEGATIVE_INFINITY;
  let stopListening: (() => Promise<void>) | undefined;

  /** Whether there was anything to be moved to the log. */
  async function sequenceAll(): Promise<boolean> {
    let moved = 0;
    let last: number;
    do {
      last = await store.sequence(batch);
      moved += last;
    } while (last === batch);
    return moved > 0;
  }

  /** Not waited for: whoever carries the hints may hang, and listeners here are told by what stands in the log. */
  function announce(): void {
    wakeup.announce(position).catch((error: unknown) => logger.warn('could not tell other nodes of new events', { error }));
  }

  async function tellAll(): Promise<void> {
    let events: SecurityEvent[];
    do {
      events = await store.readAfter(position, {}, batch);
      for (const event of events) {
        position = event.position;
        for (const listener of listeners) listener(event);
      }
    } while (events.length === batch);
  }

  async function oneTurn(): Promise<void> {
    const sequence = wanted === 'sequence';
    wanted = 'nothing';
    const beganAt = monotonicMs();
    const grew = sequence && (await sequenceAll());
    await tellAll();
    if (grew) announce();
    // Without sequencing first, some that are committed may not be in the log yet.
    if (sequence) caughtUpAt = beganAt;
  }

  /** At most one turn runs. Who wishes for one meanwhile gets the next, since their event may have just missed this one. */
  function run(): Promise<void> {
    running ??= oneTurn().finally(() => {
      running = undefined;
      // Those that wish for a turn right after this one share the next.
      if (!stopped) gatherTimer = setTimeout(gathered, gatherMs);
    });
    return running;
  }

  function gathered(): void {
    gatherTimer = undefined;
    if (wanted !== 'nothing') begin();
  }

  function begin(): void {
    run().catch((error: unknown) => logger.warn('the event feed will try again', { error }));
  }

  function wish(what: 'read' | 'sequence'): void {
    if (stopped) return;
    if (wanted !== 'sequence') wanted = what;
    if (!running && !gatherTimer) begin();
  }

  function poll(intervalMs: number): void {
    clearInterval(pollTimer);
    pollTimer = setInterval(() => wish('sequence'), intervalMs).unref();
  }

  return {
    start: async () => {
      stopped = false;
      position = await store.lastPosition();
      followedFrom = position;
      poll(pollMs.deaf);
      stopListening = await wakeup.listen(
        // Its own hints come back to each node: of what it has told already there is nothing to read.
        (upTo) => (upTo !== undefined && upTo <= position ? undefined : wish('read')),
        (healthy) => poll(healthy ? pollMs.healthy : pollMs.deaf),
      );
    },
    stop: async () => {
      stopped = true;
      await stopListening?.();
      clearInterval(pollTimer);
      clearTimeout(gatherTimer);
      await running?.catch(() => undefined);
      clearTimeout(gatherTimer);
      listeners.clear();
    },
    wake: () => wish('sequence'),
    position: () => position,
    followedFrom: () => followedFrom,
    caughtUpAtMs: () => caughtUpAt,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    turn: async () => {
      await running?.catch(() => undefined);
      wanted = 'sequence';
      await run();
    },
  };
}
