import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ProofReplayGuard } from './sessions.ports.ts';

/** What each adapter of ProofReplayGuard must do. `here` and `there` are two of one deployment, or the same one twice. */
export function describeProofReplays(
  name: string,
  open: () => { readonly here: ProofReplayGuard; readonly there: ProofReplayGuard },
) {
  describe(`ProofReplayGuard by ${name}`, () => {
    it('knows a proof again, at once and on every node, and takes no other for it', async () => {
      const { here, there } = open();
      const [one, other] = [randomUUID(), randomUUID()];
      expect(await here.isFirstUse(one, 60_000)).toBe(true);
      expect(await here.isFirstUse(one, 60_000)).toBe(false);
      expect(await there.isFirstUse(one, 60_000)).toBe(false);
      expect(await there.isFirstUse(other, 60_000)).toBe(true);
    });

    it('gives one of many at once the first use', async () => {
      const { here, there } = open();
      const proof = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, index) => (index % 2 ? here : there).isFirstUse(proof, 60_000)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
    });
  });
}
