import { createHash } from 'node:crypto';
import pg from 'pg';

/** As many people and sessions as a large deployment has, written by PostgreSQL itself: the product would take hours. */
export interface ManySessions {
  /** The cookies of `count` of the sessions, spread over all of them. */
  cookies(count: number): string[];
}

export interface ManySessionsOptions {
  readonly databaseUrl: string;
  readonly people: number;
  readonly sessionsEach: number;
}

const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Benchmark/1.0';

export async function seedSessions({ databaseUrl, people, sessionsEach }: ManySessionsOptions): Promise<ManySessions> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'");
    await client.query(
      `insert into users (id, display_name, created_at)
       select 'usr_' || lpad(n::text, 21, '0'), 'Ada Lovelace', now() from generate_series(1, $1::int) n`,
      [people],
    );
    await client.query(
      `insert into email_addresses (id, user_id, address, normalised, is_primary, verified_at, created_at)
       select 'eml_' || lpad(n::text, 21, '0'), 'usr_' || lpad(n::text, 21, '0'), 'person-' || n || '@many.example.com',
              'person-' || n || '@many.example.com', true, now(), now() from generate_series(1, $1::int) n`,
      [people],
    );
    await client.query(
      `insert into sessions (id, user_id, organisation_id, token_hash, amr, auth_time, created_at, last_used_at,
                             idle_expires_at, expires_at, ip_address, user_agent)
       select 'ses_' || lpad(n::text, 21, '0'), 'usr_' || lpad((n % $1::int + 1)::text, 21, '0'), organisation.id,
              sha256(convert_to('spt_' || rtrim(translate(encode(sha256(convert_to('session ' || n, 'UTF8')), 'base64'), '+/', '-_'), '='), 'UTF8')),
              '{pwd}', now(), now(), now(), now() + interval '7 days', now() + interval '30 days', '198.51.100.7', $3
       from generate_series(1, $1::int * $2::int) n, (select id from organisations limit 1) organisation`,
      [people, sessionsEach, userAgent],
    );
    await client.query('vacuum analyze users');
    await client.query('vacuum analyze email_addresses');
    await client.query('vacuum analyze sessions');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
  const all = people * sessionsEach;
  return {
    cookies: (count) => Array.from({ length: count }, (_, index) => cookieOf(1 + ((index * Math.floor(all / count)) % all))),
  };
}

/** The same as in the SQL above. */
function cookieOf(session: number): string {
  const random = createHash('sha256').update(`session ${session}`).digest('base64url');
  return `__Host-sallyport=spt_${random}`;
}

/** Makes `count` of the sessions some that ended long ago. */
export async function endSessionsLongAgo(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `update sessions set expires_at = now() - interval '1 year', idle_expires_at = now() - interval '1 year'
       where id in (select id from sessions where id like 'ses_0%' order by id desc limit $1)`,
      [count],
    );
    await client.query('vacuum analyze sessions');
    await client.query('checkpoint');
  } finally {
    await client.end();
  }
}
