import { and, eq, lt, type SQL, sql } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { signInThrottles as throttles } from '#drizzle/schema/throttles.ts';
import { addSeconds } from '#kernel/clock.ts';
import { committingHastily, type Database, hastily, perConnection } from '#platform/db/index.ts';
import type { PairReservation, ThrottleKey, ThrottleStore } from './authentication.ports.ts';
import { knownNetworkSeconds, type ThrottlePolicy } from './throttle.ts';

/** A policy and the time, as operands of SQL. */
interface Operands {
  readonly now: SQL;
  readonly free: SQL;
  readonly first: SQL;
  readonly longest: SQL;
  readonly forget: SQL;
}

/** Counts an attempt, unless the key is blocked, for the key and the kind that `source` gives a row of: see waitAfter. */
const counting = ({ now, free, first, longest, forget }: Operands, source: SQL): SQL => {
  const attempts = sql`(case when t.updated_at < ${now} - make_interval(secs => ${forget}) then 1 else t.failures + 1 end)`;
  const wait = sql`least(${longest}, ${first} * power(2, least(${attempts} - ${free} - 1, 30)))`;
  return sql`insert into sign_in_throttles as t (key, kind, failures, blocked_until, updated_at)
    select key, kind, 1, null, ${now} from ${source}
    on conflict (key) do update set
      failures = ${attempts},
      blocked_until = case when ${attempts} > ${free} then ${now} + make_interval(secs => ${wait}) end,
      updated_at = ${now}
    where t.blocked_until is null or t.blocked_until <= ${now}
    returning failures`;
};

/** As parameters of their own. */
const operandsOf = (policy: ThrottlePolicy, now: Date): Operands => ({
  now: sql`${now.toISOString()}::timestamptz`,
  free: sql`${policy.freeAttempts}::int`,
  first: sql`${policy.firstWaitSeconds}::float8`,
  longest: sql`${policy.longestWaitSeconds}::float8`,
  forget: sql`${policy.forgetAfterSeconds}::float8`,
});

/** As parameters of a statement that is written once: the time is the first, the policy's begin at `position`. */
const operandsAt = (position: number): Operands => ({
  now: sql.raw('$1::timestamptz'),
  free: sql.raw(`$${position}::int`),
  first: sql.raw(`$${position + 1}::float8`),
  longest: sql.raw(`$${position + 2}::float8`),
  forget: sql.raw(`$${position + 3}::float8`),
});

// The account's row is locked after the network's, and only if that was counted: the order in which all attempts lock. Whether
// the network is known is asked at every attempt, so that it costs the same where there is no such account.
const reservePairText = new PgDialect().sqlToQuery(sql`with hasty as materialized (select ${committingHastily}),
  known as materialized (select exists (
    select 1 from known_networks where key = $14::bytea and last_used_at > $16::timestamptz) as is_known),
  chosen as materialized (select is_known, case when is_known then $14::bytea else $8::bytea end as key,
    case when is_known then $15::text else $9::text end as kind from known),
  of_network as (select $2::bytea as key, $3::text as kind from hasty),
  network as (${counting(operandsAt(4), sql`of_network`)}),
  of_account as (select chosen.key, chosen.kind from chosen, network),
  account as (${counting(operandsAt(10), sql`of_account`)})
select (select failures from network) as network, (select failures from account) as account, is_known,
  (select blocked_until from sign_in_throttles where key = $2::bytea) as network_until,
  (select blocked_until from sign_in_throttles where key = chosen.key) as account_until
from chosen`).sql;

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
  const refunded = (free: SQL) => ({
    failures,
    blockedUntil: sql`case when ${failures} > ${free} then ${throttles.blockedUntil} end`,
  });
  const refundingNow = db.drizzle
    .update(throttles)
    .set(refunded(sql`${sql.placeholder('free')}::int`))
    .where(and(eq(throttles.key, sql.placeholder('key')), hastily))
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
      const given = sql`(values (${key}::bytea, ${policy.kind}::text)) as given (key, kind)`;
      const { rows } = await tx.drizzle.execute<{ failures: number }>(counting(operandsOf(policy, now), given));
      if (rows[0]) return { blockedUntil: null, attempts: rows[0].failures };
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
      await tx.drizzle
        .update(throttles)
        .set(refunded(sql`${freeAttempts}::int`))
        .where(eq(throttles.key, key));
    },
    deleteForgotten: async (before) => (await db.drizzle.delete(throttles).where(lt(throttles.updatedAt, before))).rowCount ?? 0,
  };
}
