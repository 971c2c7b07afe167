/**
 * What a kind of value needs to be cached. A value is a copy that may be old: for at most `ttlSeconds` from the moment at
 * which it was loaded, however much goes wrong; for less than a second after `forget` while nodes hear of each other. So
 * never cache what a decision about access rests on, unless its lifetime alone makes that safe; and never a key that
 * signatures are verified with, since whoever can write to Redis could then sign.
 */
export interface CachedKind<T> {
  /** Kebab-case, unique in the product; the label of its metrics. */
  readonly name: string;
  /** Raised with every change of the value's form, so that nodes of two releases do not read each other's. */
  readonly version: number;
  /** Longest life of a value. Each gets up to a tenth less by chance, so that not all end in one moment. */
  readonly ttlSeconds: number;
  /** The same for the answer that there is none. */
  readonly absentTtlSeconds: number;
  /** Makes the value from what JSON kept of it. Throws on anything else, which then counts as not cached. */
  readonly parse: (json: unknown) => T;
}

export interface CachedValues<T> {
  /**
   * The value of `key`, or what `load` gives: one load at a time for all callers of all nodes, null when there is none. A
   * load that fails fails for all who wait for it and is not kept. Without Redis each node caches for itself; Redis that
   * is slow or away costs each call its time limit until the circuit opens, then nothing.
   * `key` is an id or a digest: no braces.
   */
  get(key: string, load: () => Promise<T | null>): Promise<T | null>;
  /**
   * Makes every node load anew. To be called after the commit. A load that began before is answered but not kept. Never
   * rejects: what can't be removed from Redis now is not read from there before it is.
   */
  forget(key: string): Promise<void>;
}

/** Where an answer came from: this node's memory, Redis, or nowhere, so that it was loaded. */
export type CacheOutcome = 'l1' | 'l2' | 'miss';

export interface Cache {
  of<T>(kind: CachedKind<T>): CachedValues<T>;
  /** Tells of each read that was not shared with another. For metrics. */
  onRead(listener: (kind: string, outcome: CacheOutcome) => void): void;
  close(): Promise<void>;
}
