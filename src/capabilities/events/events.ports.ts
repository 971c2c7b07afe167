import type { HotTx } from '#platform/db/index.ts';
import type { EventFilter } from './event-filter.ts';
import type { EventRecord, SecurityEvent } from './security-event.ts';

export interface SealedPersonalData {
  readonly keyId: string;
  readonly ciphertext: Buffer;
}

export interface EventStore {
  /** Adds to the outbox inside the caller's transaction. */
  append(tx: HotTx, record: EventRecord, canonical: Buffer, personal: SealedPersonalData | null): Promise<void>;
  /**
   * Moves committed events from the outbox to the log, at most `limit`, and gives them the next positions. One node does
   * so at a time. Returns how many were moved.
   */
  sequence(limit: number): Promise<number>;
  /** Events after `position` that the filter lets pass, in order, at most `limit`. */
  readAfter(position: bigint, filter: EventFilter, limit: number): Promise<SecurityEvent[]>;
  /** The position of the newest event in the log, 0 when it is empty. */
  lastPosition(): Promise<bigint>;
}

export interface SubjectKeyStore {
  /**
   * The wrapped data key of `keyId`, made from `fresh` when there is none yet; null when it was destroyed. Inside a
   * transaction, when one is given, so that it needs no second connection.
   */
  obtain(
    keyId: string,
    fresh: Buffer,
    at: Date,
    tx?: HotTx,
  ): Promise<{ readonly wrappedKey: Buffer | null; readonly created: boolean }>;
  find(keyId: string): Promise<Buffer | null>;
}

/** Tells the other nodes that the log grew. Only a hint: a lost one costs a moment, never an event. */
export interface EventWakeup {
  /** That the log reaches `upTo` at least. */
  announce(upTo: bigint): Promise<void>;
  /**
   * Calls `onWake` for each hint, with what it said, and without where hints may have been missed; and `onHealth` when hints
   * begin or cease to arrive. Returns how to stop.
   */
  listen(onWake: (upTo?: bigint) => void, onHealth: (healthy: boolean) => void): Promise<() => Promise<void>>;
}
