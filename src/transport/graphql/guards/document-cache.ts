import type { DocumentNode } from 'graphql';

export interface DocumentCacheBounds {
  /** Documents that are kept at most. */
  readonly maxEntries: number;
  /** Characters of source text that are kept at most; a parsed document weighs some sixty times its source. */
  readonly maxSourceLength: number;
}

/** A cache by source text that drops what was used longest ago. */
export interface SourceCache<Value> {
  get(source: string): Value | undefined;
  set(source: string, value: Value): void;
  readonly size: number;
}

/** Bounded by weight as well as by count: a thousand documents of the largest permitted size would fill the memory. */
export function createSourceCache<Value>({ maxEntries, maxSourceLength }: DocumentCacheBounds): SourceCache<Value> {
  // A Map iterates in the order of insertion; reading an entry inserts it anew, so the first one is the oldest.
  const entries = new Map<string, Value>();
  let sourceLength = 0;

  function remove(source: string): void {
    if (entries.delete(source)) sourceLength -= source.length;
  }

  return {
    get(source) {
      const value = entries.get(source);
      if (value === undefined) return undefined;
      entries.delete(source);
      entries.set(source, value);
      return value;
    },
    set(source, value) {
      remove(source);
      if (source.length > maxSourceLength) return;
      entries.set(source, value);
      sourceLength += source.length;
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries && sourceLength <= maxSourceLength) break;
        remove(oldest);
      }
    },
    get size() {
      return entries.size;
    },
  };
}

export interface ParserCaches {
  readonly documentCache: SourceCache<DocumentNode>;
  readonly errorCache: SourceCache<unknown>;
}

/**
 * For Yoga's `parserAndValidationCache`. Its validation results hang on the documents weakly and go with them. Documents that
 * are `pinned` by their text stay, whatever clients send.
 */
export function createParserCaches(
  bounds: DocumentCacheBounds = { maxEntries: 1_000, maxSourceLength: 512 * 1024 },
  pinned: ReadonlyMap<string, DocumentNode> = new Map(),
): ParserCaches {
  const others = createSourceCache<DocumentNode>(bounds);
  return {
    documentCache: {
      get: (source) => pinned.get(source) ?? others.get(source),
      set: others.set,
      get size() {
        return pinned.size + others.size;
      },
    },
    errorCache: createSourceCache({ maxEntries: 100, maxSourceLength: bounds.maxSourceLength / 8 }),
  };
}
