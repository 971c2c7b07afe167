import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, ne, notInArray, or, type SQL, sql } from 'drizzle-orm';
import { noteDeviceUse } from '#capabilities/devices/index.ts';
import { sessions } from '#drizzle/schema/sessions.ts';
import type { DeviceId, OrganisationId, SessionId, UserId } from '#kernel/ids.ts';
import { type Database, type DrizzleDatabase, type HotTx, hotSelect, perConnection } from '#platform/db/index.ts';
import { emailAddresses, sessionPolicies, users } from '#platform/db/prisma-tables.ts';
import { askTogether } from './ask-together.ts';
import type { Session } from './session.ts';
import type { SessionPosition, SessionStore, SessionUser, SessionWithUser } from './sessions.ports.ts';

type SessionRow = Omit<typeof sessions.$inferSelect, 'tokenHash'>;

// All but the token's hash, which nothing outside the database needs.
const sessionColumns = {
  id: sessions.id,
  userId: sessions.userId,
  organisationId: sessions.organisationId,
  amr: sessions.amr,
  authTime: sessions.authTime,
  createdAt: sessions.createdAt,
  lastUsedAt: sessions.lastUsedAt,
  idleTimeoutSeconds: sessions.idleTimeoutSeconds,
  idleExpiresAt: sessions.idleExpiresAt,
  expiresAt: sessions.expiresAt,
  revokedAt: sessions.revokedAt,
  revokedReason: sessions.revokedReason,
  ipAddress: sessions.ipAddress,
  userAgent: sessions.userAgent,
  dpopJkt: sessions.dpopJkt,
  networkBinding: sessions.networkBinding,
  clientBinding: sessions.clientBinding,
  allowedNetworks: sessions.allowedNetworks,
  deviceId: sessions.deviceId,
};

const userColumns = {
  id: users.id,
  displayName: users.displayName,
  email: emailAddresses.address,
  status: users.status,
  createdAt: users.createdAt,
};

/** Requests that share a statement at most: it stays small, and what fails with it too. */
const mostTogether = 64;

export function drizzleSessionStore(db: Database): SessionStore {
  const fields = { session: sessionColumns, user: userColumns };
  const withUser = (selected: typeof fields) =>
    db.drizzle
      .select(selected)
      .from(sessions)
      .innerJoin(users, eq(users.id, sessions.userId))
      .innerJoin(emailAddresses, and(eq(emailAddresses.userId, sessions.userId), eq(emailAddresses.isPrimary, true)));
  const byTokenHash = hotSelect<SessionUserRow>(db.pool, 'session_by_token_hash', {
    fields,
    query: withUser(fields).where(eq(sessions.tokenHash, sql.placeholder('tokenHash'))),
  });
  const withHash = { ...fields, by: { tokenHash: sessions.tokenHash } };
  const byTokenHashes = hotSelect<SessionUserRow & { readonly by: { readonly tokenHash: Buffer } }>(
    db.pool,
    'sessions_by_token_hashes',
    {
      fields: withHash,
      query: withUser(withHash).where(sql`${sessions.tokenHash} = any(${sql.placeholder('tokenHashes')})`),
    },
  );
  const findByTokenHashes = async (hashes: readonly Buffer[]): Promise<(SessionWithUser | null)[]> => {
    const [tokenHash] = hashes;
    if (hashes.length === 1) return [toSessionWithUser((await byTokenHash({ tokenHash }))[0])];
    const rows = await byTokenHashes({ tokenHashes: hashes });
    const found = new Map(rows.map(({ by, session, user }) => [by.tokenHash.toString('latin1'), { session, user }]));
    return hashes.map((hash) => toSessionWithUser(found.get(hash.toString('latin1'))));
  };
  const byId = hotSelect<SessionUserRow>(db.pool, 'session_by_id', {
    fields,
    query: withUser(fields).where(eq(sessions.id, sql.placeholder('id'))),
  });

  return {
    insert: (tx, session, tokenHash) => insertByPolicy(tx, session, tokenHash),
    lockPerson: async (tx, userId) => {
      // Not the strongest lock: whatever refers to the user, such as other people's work on their sessions, goes on.
      await tx.drizzle.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('no key update');
    },
    countOthers: (tx, session, replaces, now) => tx.drizzle.$count(sessions, others(session, replaces, now)),
    evictOldest: async (tx, session, replaces, keep, at) => {
      const surplus = tx.drizzle
        .select({ id: sessions.id })
        .from(sessions)
        .where(others(session, replaces, at))
        .orderBy(desc(sessions.createdAt), desc(sessions.id))
        .offset(keep);
      const rows = await tx.drizzle
        .update(sessions)
        .set({ revokedAt: at, revokedReason: 'evicted' })
        .where(and(inArray(sessions.id, surplus), ...live(at)))
        .returning(sessionColumns);
      return rows.map(toSession);
    },
    withdraw: async (tx, id) => {
      await tx.drizzle.delete(sessions).where(eq(sessions.id, id));
    },
    findByTokenHash: askTogether(findByTokenHashes, mostTogether),
    findById: async (id) => toSessionWithUser((await byId({ id }))[0]),
    listLive: async (userId, now, { limit, inverted, after, before, deviceIds }) => {
      const rows = await db.drizzle
        .select(sessionColumns)
        .from(sessions)
        .where(
          and(
            eq(sessions.userId, userId),
            ...live(now),
            deviceIds && inArray(sessions.deviceId, [...deviceIds]),
            after && olderThan(after),
            before && newerThan(before),
          ),
        )
        .orderBy(...(inverted ? [asc(sessions.createdAt), asc(sessions.id)] : [desc(sessions.createdAt), desc(sessions.id)]))
        .limit(limit);
      return rows.map(toSession);
    },
    findInTransaction: async (tx, id) => {
      const [row] = await tx.drizzle
        .select({ session: sessionColumns, userStatus: users.status })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(eq(sessions.id, id));
      return row ? { session: toSession(row.session), userStatus: row.userStatus } : null;
    },
    touchInTransaction: (tx, id, use) => touch(tx.drizzle, id, use),
    touch: (id, use) => touch(db.drizzle, id, use),
    renewAuthentication: async (tx, { userId, sessionId, amr, at }) => {
      const [row] = await tx.drizzle
        .update(sessions)
        .set({ authTime: at, amr: [...amr] })
        .where(and(eq(sessions.id, sessionId), eq(sessions.userId, userId), ...live(at)))
        .returning(sessionColumns);
      return row ? toSession(row) : null;
    },
    revoke: async (tx, userId, id, at, reason) => {
      const [row] = await tx.drizzle
        .update(sessions)
        .set({ revokedAt: at, revokedReason: reason })
        .where(and(eq(sessions.id, id), eq(sessions.userId, userId), ...live(at)))
        .returning(sessionColumns);
      return row ? toSession(row) : null;
    },
    revokeAll: async (tx, userId, at, reason, except) => {
      const rows = await tx.drizzle
        .update(sessions)
        .set({ revokedAt: at, revokedReason: reason })
        .where(and(eq(sessions.userId, userId), ...live(at), except && ne(sessions.id, except)))
        .returning(sessionColumns);
      return rows.map(toSession);
    },
    revokeOfDevice: async (tx, userId, deviceId, at, reason) => {
      const rows = await tx.drizzle
        .update(sessions)
        .set({ revokedAt: at, revokedReason: reason })
        .where(and(eq(sessions.deviceId, deviceId), eq(sessions.userId, userId), ...live(at)))
        .returning(sessionColumns);
      return rows.map(toSession);
    },
    replaceToken: async (tx, id, tokenHash, now) => {
      const [row] = await tx.drizzle
        .update(sessions)
        .set({ tokenHash })
        .where(and(eq(sessions.id, id), isNotNull(sessions.tokenHash), ...live(now)))
        .returning(sessionColumns);
      return row ? toSession(row) : null;
    },
    findEnded: async (ids, now) => {
      if (ids.length === 0) return [];
      const rows = await db.drizzle
        .select({ id: sessions.id })
        .from(sessions)
        .innerJoin(users, eq(users.id, sessions.userId))
        .where(and(inArray(sessions.id, [...ids]), ...live(now), eq(users.status, 'active')));
      const alive = new Set<string>(rows.map((row) => row.id));
      return ids.filter((id) => !alive.has(id));
    },
  };
}

/** The policy can only shorten and bind: what the domain computed by the deployment's timeouts is the most that is stored. */
async function insertByPolicy(tx: HotTx, session: Session, tokenHash: Buffer | null) {
  const [row] = await insertion(tx.drizzle).execute({ ...session, tokenHash });
  if (!row) throw new Error('the session was not stored');
  const { most, action, person, ...stored } = row;
  const limit = most === null ? null : { most, action: action === 'refuse' ? ('refuse' as const) : ('evict-oldest' as const) };
  if (!person) throw new Error('the session names a user that is not there');
  const [displayName, email, status, createdAt] = person;
  const user = { id: session.userId, displayName, email, status, createdAt: new Date(createdAt) };
  return { session: toSession(stored), user, limit };
}

type Person = [displayName: string, email: string, status: SessionUser['status'], createdAt: number];

const insertion = perConnection((on) => {
  const policy = <T>(column: T) =>
    sql`(select ${column} from ${sessionPolicies} where ${sessionPolicies.organisationId} = ${sql.placeholder('organisationId')})`;
  const instantOf = (name: 'createdAt' | 'idleExpiresAt' | 'expiresAt') => sql`${sql.placeholder(name)}::timestamptz`;
  const idle = policy(sessionPolicies.idleTimeoutSeconds);
  // Where there is no policy the interval is null, which least() passes over.
  const after = (seconds: SQL) => sql`${instantOf('createdAt')} + make_interval(secs => ${seconds})`;
  const absoluteEnd = after(policy(sessionPolicies.absoluteTimeoutSeconds));
  return on
    .insert(sessions)
    .values({
      id: sql.placeholder('id'),
      userId: sql.placeholder('userId'),
      organisationId: sql.placeholder('organisationId'),
      tokenHash: sql.placeholder('tokenHash'),
      amr: sql.placeholder('amr'),
      authTime: sql.placeholder('authTime'),
      createdAt: sql.placeholder('createdAt'),
      lastUsedAt: sql.placeholder('lastUsedAt'),
      idleTimeoutSeconds: idle,
      idleExpiresAt: sql`least(${instantOf('idleExpiresAt')}, ${after(idle)}, ${absoluteEnd})`,
      expiresAt: sql`least(${instantOf('expiresAt')}, ${absoluteEnd})`,
      ipAddress: sql.placeholder('ipAddress'),
      userAgent: sql.placeholder('userAgent'),
      dpopJkt: sql.placeholder('dpopJkt'),
      networkBinding: policy(sql`nullif(${sessionPolicies.networkBinding}::text, 'none')`),
      clientBinding: policy(sql`nullif(${sessionPolicies.clientBinding}::text, 'none')`),
      allowedNetworks: policy(sql`nullif(${sessionPolicies.allowedNetworks}, '{}')`),
      deviceId: sql.placeholder('deviceId'),
      // A field that a session gets and that is not written here must not compile: it would be lost in silence.
    } satisfies Record<keyof Omit<Session, 'revokedAt' | 'revokedReason'> | 'tokenHash', unknown>)
    .returning({
      ...sessionColumns,
      most: sql<number | null>`${policy(sessionPolicies.sessionLimit)}`,
      action: sql<'refuse' | 'evict_oldest' | null>`${policy(sessionPolicies.limitAction)}`,
      // With the session, since whoever signs in asks at once who they are.
      person: sql<Person | null>`(select json_build_array(person.display_name, primary_one.address, person.status,
        floor(extract(epoch from person.created_at) * 1000)) from users as person
        join email_addresses as primary_one on primary_one.user_id = person.id and primary_one.is_primary
        where person.id = ${sql.placeholder('userId')})`,
    })
    .prepare('session_insert');
});

function others({ id, userId, organisationId }: Session, replaces: SessionId | null, now: Date) {
  const theirs = [eq(sessions.userId, userId), eq(sessions.organisationId, organisationId)];
  return and(...theirs, notInArray(sessions.id, [id, ...(replaces === null ? [] : [replaces])]), ...live(now));
}

/** One statement for the session and its device. By the row's own timeouts: they may have been cut since it was read. */
async function touch(on: DrizzleDatabase, id: SessionId, use: Pick<Session, 'lastUsedAt' | 'idleExpiresAt'>): Promise<void> {
  const { lastUsedAt, idleExpiresAt } = use;
  await on.execute(sql`
    with used as (
      update sessions set last_used_at = ${lastUsedAt.toISOString()}, 
        idle_expires_at = least(${idleExpiresAt.toISOString()}::timestamptz, expires_at,
          ${lastUsedAt.toISOString()}::timestamptz + make_interval(secs => idle_timeout_seconds))
      where id = ${id} and revoked_at is null returning device_id
    ) ${noteDeviceUse(sql`select device_id from used`, lastUsedAt)}`);
}

function live(now: Date) {
  return [isNull(sessions.revokedAt), gt(sessions.idleExpiresAt, now), gt(sessions.expiresAt, now)];
}

function olderThan({ createdAt, id }: SessionPosition) {
  return or(lt(sessions.createdAt, createdAt), and(eq(sessions.createdAt, createdAt), lt(sessions.id, id)));
}

function newerThan({ createdAt, id }: SessionPosition) {
  return or(gt(sessions.createdAt, createdAt), and(eq(sessions.createdAt, createdAt), gt(sessions.id, id)));
}

function toSession(row: SessionRow): Session {
  return {
    ...row,
    id: row.id as SessionId,
    userId: row.userId as UserId,
    organisationId: row.organisationId as OrganisationId,
    deviceId: row.deviceId as DeviceId | null,
  };
}

interface SessionUserRow {
  readonly session: SessionRow;
  readonly user: Omit<SessionUser, 'id'> & { readonly id: string };
}

/** The very objects that were read: only what their ids are called changes. */
function toSessionWithUser(row: SessionUserRow | undefined): SessionWithUser | null {
  return (row as SessionWithUser | undefined) ?? null;
}
