import { and, eq, lt, sql } from 'drizzle-orm';
import { signInThrottles as throttles } from '#drizzle/schema/throttles.ts';
import { addSeconds } from '#kernel/clock.ts';
import { type Database, perConnection } from '#platform/db/index.ts';
import type { PairReservation, ThrottleKey, ThrottleStore } from './authentication.ports.ts';
import { knownNetworkSeconds } from './throttle.ts';

/** `reserve` as SQL text, for the key and the kind that `source` gives a row of, by the policy from `$policy` on. */
const counting = (policy: number, source: string) => {
  const [free, first, longest, forget] = [0, 1, 2, 3].map((offset) => `$${policy + offset}`);
  const attempts = `(case when t.updated_at < $1::timestamptz - make_interval(secs => ${forget}::float8) then 1 else t.failures + 1 end)`;
  const wait = `least(${longest}::float8, ${first}::float8 * power(2, least(${attempts} - ${free}::int - 1, 30)))`;
  return `insert into sign_in_throttles as t (key, kind, failures, blocked_until, updated_at)
    select key, kind, 1, null, $1::timestamptz from ${source}
    on conflict (key) do update set
      failures = ${attempts},
      blocked_until = case when ${attempts} > ${free}::int then $1::timestamptz + make_interval(secs => ${wait}) end,
      updated_at = $1::timestamptz
    where t.blocked_until is null or t.blocked_until <= $1::timestamptz
    returning failures`;
};

// The account's row is locked after the network's, and only if that was counted: the order in which all attempts lock. Whether
// the network is known is asked at every attempt, so that it costs the same where there is no such account.
const reservePairText = `with hasty as materialized (select set_config('synchronous_commit', 'off', true)),
  known as materialized (select exists (
    select 1 from known_networks where key = $14::bytea and last_used_at > $16::timestamptz) as is_known),
  chosen as materialized (select is_known, case when is_known then $14::bytea else $8::bytea end as key,
    case when is_known then $15::text else $9::text end as kind from known),
  of_network as (select $2::bytea as key, $3::text as kind from hasty),
  network as (${counting(4, 'of_network')}),
  of_account as (select chosen.key, chosen.kind from chosen, network),
  account as (${counting(10, 'of_account')})
select (select failures from network) as network, (select failures from account) as account, is_known,
  (select blocked_until from sign_in_throttles where key = $2::bytea) as network_until,
  (select blocked_until from sign_in_throttles where key = chosen.key) as account_until
from chosen`;

interface PairRow {
  readonly is_known: boolean;
  readonly network: number | null;
  readonly account: number | null;
  readonly network_until: Date | null;
  readonly account_until: Date | null;
}

const parameters = ({ key, policy }: ThrottleKey) => [
  key,
  policy.kind,
  policy.freeAttempts,
  policy.firstWaitSeconds,
  policy.longestWaitSeconds,
  policy.forgetAfterSeconds,
];

export function drizzleThrottleStore(db: Database): ThrottleStore {
  const clearing = perConnection((on) =>
    on
      .delete(throttles)
      .where(eq(throttles.key, sql.placeholder('key')))
      .prepare('throttle_clear'),
  );
  const failures = sql`greatest(${throttles.failures} - 1, 0)`;
  const free = sql`${sql.placeholder('free')}::int`;
  const refundingNow = db.drizzle
    .update(throttles)
    .set({ failures, blockedUntil: sql`case when ${failures} > ${free} then ${throttles.blockedUntil} end` })
    .where(and(eq(throttles.key, sql.placeholder('key')), sql`set_config('synchronous_commit', 'off', true) = 'off'`))
    .prepare('throttle_refund_now');

  return {
    reservePair: async (network, { account, known }, now): Promise<PairReservation> => {
      const unknownBefore = addSeconds(now, -knownNetworkSeconds);
      const values = [now, ...parameters(network), ...parameters(account), known.key, known.policy.kind, unknownBefore];
      const { rows } = await db.pool.query<PairRow>({ name: 'throttle_reserve_pair', text: reservePairText, values });
      const [row] = rows;
      if (row?.network != null && row.account != null)
        return {
          blockedUntil: null,
          attempts: { network: row.network, account: row.account },
          account: row.is_known ? known : account,
        };
      // The block may have been lifted in between: that attempt was not counted, so it has to come again.
      return { blockedUntil: (row?.network == null ? row?.network_until : row.account_until) ?? addSeconds(now, 1) };
    },
    refundNow: async ({ key, policy }) => {
      await refundingNow.execute({ key, free: policy.freeAttempts });
    },
    reserve: async (tx, key, policy, now) => {
      const { freeAttempts, firstWaitSeconds, longestWaitSeconds } = policy;
      const forgotten = sql`${throttles.updatedAt} < ${addSeconds(now, -policy.forgetAfterSeconds).toISOString()}::timestamptz`;
      const attempts = sql`(case when ${forgotten} then 1 else ${throttles.failures} + 1 end)`;
      const wait = sql`least(${longestWaitSeconds}::float8, ${firstWaitSeconds}::float8 * power(2, least(${attempts} - ${freeAttempts} - 1, 30)))`;
      const counted = await tx.drizzle
        .insert(throttles)
        .values({ key, kind: policy.kind, failures: 1, blockedUntil: null, updatedAt: now })
        .onConflictDoUpdate({
          target: throttles.key,
          set: {
            failures: attempts,
            blockedUntil: sql`case when ${attempts} > ${freeAttempts} then ${now.toISOString()}::timestamptz + make_interval(secs => ${wait}) end`,
            updatedAt: now,
          },
          setWhere: sql`${throttles.blockedUntil} is null or ${throttles.blockedUntil} <= ${now.toISOString()}::timestamptz`,
        })
        .returning({ attempts: throttles.failures });
      if (counted[0]) return { blockedUntil: null, attempts: counted[0].attempts };
      const [row] = await tx.drizzle
        .select({ blockedUntil: throttles.blockedUntil })
        .from(throttles)
        .where(eq(throttles.key, key));
      // The block may have been lifted in between: that attempt was not counted, so it has to come again.
      return { blockedUntil: row?.blockedUntil ?? addSeconds(now, 1) };
    },
    clear: async (tx, key) => {
      await clearing(tx.drizzle).execute({ key });
    },
    refund: async (tx, key, { freeAttempts }) => {
      const failures = sql`greatest(${throttles.failures} - 1, 0)`;
      await tx.drizzle
        .update(throttles)
        .set({ failures, blockedUntil: sql`case when ${failures} > ${freeAttempts} then ${throttles.blockedUntil} end` })
        .where(eq(throttles.key, key));
    },
    deleteForgotten: async (before) => (await db.drizzle.delete(throttles).where(lt(throttles.updatedAt, before))).rowCount ?? 0,
  };
}
