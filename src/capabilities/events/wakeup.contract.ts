import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventWakeup } from './events.ports.ts';

const last = 9_007_199_254_740_993n;
const patience = { timeout: 10_000, interval: 10 };

/** Two nodes of one deployment, as far as an adapter of EventWakeup knows them. */
export interface WakeupPair {
  readonly here: EventWakeup;
  readonly there: EventWakeup;
  /** Cuts the connection on which `here` listens; absent where there is none. */
  readonly cut?: () => Promise<void>;
  close(): Promise<void>;
}

/** What each adapter of EventWakeup must do; `connected`: it has a connection that it can lose. */
export function describeEventWakeup(name: string, open: () => Promise<WakeupPair>, { connected = true } = {}): void {
  describe(`EventWakeup by ${name}`, () => {
    let pair: WakeupPair;
    beforeEach(async () => {
      pair = await open();
    });
    afterEach(() => pair.close());

    async function listening(wakeup: EventWakeup) {
      const heard = { wakes: 0, said: [] as (bigint | undefined)[], health: [] as boolean[] };
      const stop = await wakeup.listen(
        (upTo) => {
          heard.wakes += 1;
          heard.said.push(upTo);
        },
        (healthy) => heard.health.push(healthy),
      );
      await expect.poll(() => heard.health.at(-1), patience).toBe(true);
      return { heard, stop };
    }

    it('wakes every node, the announcing one too', async () => {
      const [here, there] = [await listening(pair.here), await listening(pair.there)];
      const before = [here.heard.wakes, there.heard.wakes];
      await pair.there.announce(last);
      await expect.poll(() => here.heard.wakes, patience).toBeGreaterThan(before[0] ?? 0);
      await expect.poll(() => there.heard.wakes, patience).toBeGreaterThan(before[1] ?? 0);
      expect([here.heard.said.at(-1), there.heard.said.at(-1)]).toEqual([last, last]);
      await here.stop();
      await there.stop();
    });

    it('can be announced to when nobody listens', async () => {
      await expect(pair.here.announce(last)).resolves.toBeUndefined();
    });

    it('tells nothing more once stopped', async () => {
      const { heard, stop } = await listening(pair.here);
      await stop();
      const after = structuredClone(heard);
      const witness = await listening(pair.there);
      await pair.here.announce(last);
      const before = witness.heard.wakes;
      await pair.there.announce(last);
      await expect.poll(() => witness.heard.wakes, patience).toBeGreaterThan(before);
      await witness.stop();
      expect(heard).toEqual(after);
    });

    if (!connected) return;

    it('says so when its connection is lost, comes back, and wakes for what it may have missed', async () => {
      const { heard, stop } = await listening(pair.here);
      const before = heard.wakes;
      await pair.cut?.();
      await expect.poll(() => heard.health.includes(false), patience).toBe(true);
      await expect.poll(() => heard.health.at(-1), patience).toBe(true);
      await expect.poll(() => heard.wakes, patience).toBeGreaterThan(before);
      const back = heard.wakes;
      await pair.there.announce(last);
      await expect.poll(() => heard.wakes, patience).toBeGreaterThan(back);
      await stop();
    });
  });
}
