import { sql } from 'drizzle-orm';
import { touchAfterMs } from './session.ts';
import type { LiveSessionStore } from './sessions.ports.ts';

type Row = { last: string | null; due: string; cut: string; bound: boolean };

export function drizzleLiveSessionStore(): LiveSessionStore {
  return {
    tightenBatch: async (tx, { organisationId, after, size, now }) => {
      const at = now.toISOString();
      const { rows } = await tx.drizzle.execute<Row>(sql`
        with policy as (
          select make_interval(secs => absolute_timeout_seconds) as absolute, idle_timeout_seconds as idle_seconds,
            -- Use is written down this seldom: what was used a moment ago must not count as left alone.
            make_interval(secs => idle_timeout_seconds + ${touchAfterMs / 1000}::int) as idle,
            nullif(network_binding::text, 'none') as network, nullif(client_binding::text, 'none') as client,
            nullif(allowed_networks, '{}') as allowed
          from session_policies where organisation_id = ${organisationId}
        ), batch as materialized (
          select id, created_at, expires_at, idle_expires_at, idle_timeout_seconds, revoked_at, network_binding, client_binding,
            allowed_networks
          from sessions where organisation_id = ${organisationId} and id > ${after} order by id limit ${size}
        ), due as materialized (
          select s.id from batch s, policy p
          where s.revoked_at is null and s.expires_at > ${at} and s.idle_expires_at > ${at}
            and (s.expires_at > s.created_at + p.absolute
              or p.idle_seconds < coalesce(s.idle_timeout_seconds, p.idle_seconds + 1)
              or (p.network is not null and s.network_binding is null)
              or (p.client is not null and s.client_binding is null)
              or s.allowed_networks is distinct from p.allowed)
        ), locked as materialized (
          -- As arrays, which always lead to the primary key: by a list the planner may walk through the whole table.
          select id from sessions where id = any (array(select id from due)) order by id for update skip locked
        ), cut as (
          update sessions s set
            expires_at = least(s.expires_at, s.created_at + p.absolute),
            idle_timeout_seconds = least(s.idle_timeout_seconds, p.idle_seconds),
            idle_expires_at = least(s.idle_expires_at, s.last_used_at + p.idle, s.created_at + p.absolute),
            network_binding = coalesce(s.network_binding, p.network),
            client_binding = coalesce(s.client_binding, p.client),
            allowed_networks = p.allowed
          from policy p where s.id = any (array(select id from locked)) returning 1
        )
        select (select max(id) from batch) as last, (select count(*) from due) as due, (select count(*) from cut) as cut,
          coalesce((select coalesce(network, client) is not null or allowed is not null from policy), false) as bound`);
      const [row] = rows;
      if (!row) throw new Error('the statement answers with one row');
      const changed = Number(row.cut);
      return { changed, locked: Number(row.due) - changed, bound: row.bound, last: row.last };
    },
  };
}
