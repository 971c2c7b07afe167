import { and, desc, eq, inArray, lt, ne, sql } from 'drizzle-orm';
import { knownNetworks, signInThrottles as throttles } from '#drizzle/schema/throttles.ts';
import { addSeconds } from '#kernel/clock.ts';
import { type Database, type HotTx, perConnection } from '#platform/db/index.ts';
import type { AccountKeys, KnownNetworkStore, ThrottleKey } from './authentication.ports.ts';
import { knownNetworkSeconds, maxKnownNetworks } from './throttle.ts';

// Renewed once a day at most, so that the sign-ins of a day write the row once.
const renewAfterSeconds = 86_400;

export function drizzleKnownNetworkStore(db: Database): KnownNetworkStore {
  const [key, account, now] = [sql.placeholder('key'), sql.placeholder('account'), sql.placeholder('now')];
  const remembering = perConnection((on) => {
    const cleared = on.$with('cleared').as(
      on
        .delete(throttles)
        .where(inArray(throttles.key, [sql.placeholder('settled'), sql.placeholder('alsoSettled')]))
        .returning({ key: throttles.key }),
    );
    const remembered = on.$with('remembered').as(
      on
        .insert(knownNetworks)
        .values({ key, account, lastUsedAt: now })
        .onConflictDoUpdate({
          target: knownNetworks.key,
          set: { lastUsedAt: sql`excluded.last_used_at` },
          setWhere: lt(knownNetworks.lastUsedAt, sql.placeholder('renewBefore')),
        })
        .returning({ key: knownNetworks.key }),
    );
    const tooMany = on
      .select({ key: knownNetworks.key })
      .from(knownNetworks)
      .where(and(eq(knownNetworks.account, account), ne(knownNetworks.key, key)))
      .orderBy(desc(knownNetworks.lastUsedAt))
      .offset(sql.placeholder('keep'));
    // What another sign-in of this moment holds is left to it: to wait for it here could be to wait for each other.
    const free = on
      .select({ key: knownNetworks.key })
      .from(knownNetworks)
      .where(inArray(knownNetworks.key, tooMany))
      .for('update', { skipLocked: true });
    return on
      .with(cleared, remembered)
      .delete(knownNetworks)
      .where(inArray(knownNetworks.key, free))
      .prepare('known_networks_remember');
  });

  /** `keep` of the other networks of the account stay, those used last. */
  async function remember(tx: HotTx, settled: Settled, keys: AccountKeys, at: Date, keep: number): Promise<void> {
    await remembering(tx.drizzle).execute({
      settled: settled[0].key,
      alsoSettled: (settled[1] ?? settled[0]).key,
      key: keys.known.key,
      account: keys.account.key,
      now: at,
      renewBefore: addSeconds(at, -renewAfterSeconds),
      keep,
    });
  }

  return {
    remember: (tx, settled, keys, at) => remember(tx, [settled], keys, at, maxKnownNetworks - 1),
    rememberOnly: (tx, keys, at) => remember(tx, [keys.account, keys.known], keys, at, 0),
    deleteForgotten: async (at) =>
      (await db.drizzle.delete(knownNetworks).where(lt(knownNetworks.lastUsedAt, addSeconds(at, -knownNetworkSeconds))))
        .rowCount ?? 0,
  };
}

type Settled = readonly [ThrottleKey, ThrottleKey?];
