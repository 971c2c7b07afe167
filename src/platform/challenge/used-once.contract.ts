import { describe, expect, it } from 'vitest';
import type { UsedOnce } from './challenge-provider.ts';

/** What each adapter of UsedOnce must do. */
export function describeUsedOnce(name: string, open: () => Promise<UsedOnce>): void {
  describe(`UsedOnce by ${name}`, () => {
    it('lets exactly one of many claims of an id pass, and others on their own', async () => {
      const used = await open();
      const id = crypto.randomUUID();
      const claims = await Promise.all(Array.from({ length: 50 }, () => used.claim(id, 60)));
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await used.claim(id, 60)).toBe(false);
      expect(await used.claim(crypto.randomUUID(), 60)).toBe(true);
    });
  });
}
