import { LRUCache } from 'lru-cache';

const mostTokens = 10_000;
const longestMs = 10_000;

/** Tokens of no session, remembered for some seconds. */
export interface RefusedTokens {
  has(key: string): boolean;
  add(key: string): void;
}

/**
 * So that one bad token, sent again and again, asks no database. It can't become good meanwhile: tokens are random, and
 * nobody can send one before it is made. Apart from the sessions in memory, so that a flood of made-up tokens pushes none of
 * those out.
 */
export function createRefusedTokens(monotonicMs: () => number): RefusedTokens {
  const untilMs = new LRUCache<string, number>({ max: mostTokens });
  return {
    has: (key) => monotonicMs() < (untilMs.get(key) ?? Number.NEGATIVE_INFINITY),
    add: (key) => void untilMs.set(key, Math.floor(monotonicMs() + longestMs * (0.8 + Math.random() / 5))),
  };
}
