import { type ListedEvent, prependEvents, type SecurityEvent } from './event-list.ts';

export type FeedConnection = 'connecting' | 'live' | 'reconnecting';

export interface FeedState {
  readonly connection: FeedConnection;
  /** The events of before the page was opened have been read back. */
  readonly caughtUp: boolean;
  /** Newest first. */
  readonly events: readonly ListedEvent[];
}

const shownEvents = 100;
/** Replayed events come in one burst; a silence of this length ends it. */
const quietMs = 400;
/** A burst is shown by a few renderings instead of one for each event. */
const batchMs = 40;

/** What the live view shows. It holds no connection: `receive` and `connectionChanged` are called by who does. */
export class EventFeed {
  #state: FeedState = { connection: 'connecting', caughtUp: false, events: [] };
  #pending: ListedEvent[] = [];
  #batch: ReturnType<typeof setTimeout> | undefined;
  #quiet: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  readonly state = (): FeedState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connectionChanged(connection: FeedConnection): void {
    this.#change({ ...this.#state, connection });
    if (connection === 'live') this.#awaitQuiet();
  }

  receive(event: SecurityEvent): void {
    this.#pending.push({ ...event, fresh: this.#state.caughtUp });
    this.#batch ??= setTimeout(() => this.#flush(), batchMs);
    this.#awaitQuiet();
  }

  /** Drops what is under way; a feed that was closed may be connected anew. */
  close(): void {
    clearTimeout(this.#batch);
    clearTimeout(this.#quiet);
    this.#batch = undefined;
    this.#pending = [];
  }

  #flush(): void {
    const arrived = this.#pending;
    this.#pending = [];
    this.#batch = undefined;
    this.#change({ ...this.#state, events: prependEvents(this.#state.events, arrived, shownEvents) });
  }

  #awaitQuiet(): void {
    if (this.#state.caughtUp) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#change({ ...this.#state, caughtUp: true }), quietMs);
  }

  #change(state: FeedState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
