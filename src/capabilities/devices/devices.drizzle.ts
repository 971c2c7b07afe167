import { and, asc, desc, eq, gt, inArray, isNotNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { deviceReports, devices } from '#drizzle/schema/devices.ts';
import type { DeviceId, UserId } from '#kernel/ids.ts';
import { type Database, perConnection } from '#platform/db/index.ts';
import { emailAddresses } from '#platform/db/prisma-tables.ts';
import type { Device } from './device.ts';
import type { DevicePosition, DeviceReportStore, DeviceStore } from './devices.ports.ts';

type DeviceRow = Omit<typeof devices.$inferSelect, 'keyHash'>;

const columns = {
  id: devices.id,
  userId: devices.userId,
  name: devices.name,
  family: devices.family,
  country: devices.country,
  city: devices.city,
  firstUsedAt: devices.firstUsedAt,
  lastUsedAt: devices.lastUsedAt,
  trustedUntil: devices.trustedUntil,
};

const seeing = perConnection((on) => {
  const [userId, keyHash, at] = [sql.placeholder('userId'), sql.placeholder('keyHash'), sql.placeholder('at')];
  const others = sql`${devices.keyHash} is distinct from ${keyHash}`;
  const stale = on.$with('stale').as(
    on
      .delete(devices)
      .where(and(eq(devices.userId, userId), lt(devices.lastUsedAt, sql.placeholder('forgetBefore')), others))
      .returning({ id: devices.id }),
  );
  return on
    .with(stale)
    .insert(devices)
    .values({
      id: sql.placeholder('id'),
      userId,
      keyHash,
      family: sql.placeholder('family'),
      country: sql.placeholder('country'),
      city: sql.placeholder('city'),
      firstUsedAt: at,
      lastUsedAt: at,
    })
    .onConflictDoUpdate({
      target: [devices.userId, devices.keyHash],
      set: {
        family: sql`excluded.family`,
        country: sql`excluded.country`,
        city: sql`excluded.city`,
        lastUsedAt: sql`greatest(${devices.lastUsedAt}, excluded.last_used_at)`,
      },
    })
    .returning({
      id: devices.id,
      isNew: sql<boolean>`xmax = 0`,
      isFirst: sql<boolean>`not exists (select from devices as had where had.user_id = ${userId})`,
    })
    .prepare('device_see');
});

export function drizzleDeviceStore(db: Database): DeviceStore {
  const owned = (userId: UserId, id: DeviceId) => [eq(devices.id, id), eq(devices.userId, userId), isNotNull(devices.keyHash)];
  return {
    see: async (tx, { id, userId, family, place, lastUsedAt }, keyHash, forgetBefore) => {
      const { country = null, city = null } = place ?? {};
      const seen = { id, userId, keyHash, family, country, city, at: lastUsedAt, forgetBefore };
      const [row] = await seeing(tx.drizzle).execute(seen);
      if (!row) throw new Error('the device was neither found nor stored');
      return { id: row.id as DeviceId, isNew: row.isNew, isFirst: row.isNew && row.isFirst };
    },
    list: async (userId, { limit, inverted, after, before }) => {
      const rows = await db.drizzle
        .select(columns)
        .from(devices)
        .where(
          and(eq(devices.userId, userId), isNotNull(devices.keyHash), after && beyond(after, lt), before && beyond(before, gt)),
        )
        .orderBy(...(inverted ? [asc(devices.firstUsedAt), asc(devices.id)] : [desc(devices.firstUsedAt), desc(devices.id)]))
        .limit(limit);
      return rows.map(toDevice);
    },
    find: async (userId, id) => {
      const [row] = await db.drizzle
        .select(columns)
        .from(devices)
        .where(and(...owned(userId, id)));
      return row ? toDevice(row) : null;
    },
    findMany: async (userId, ids) => {
      const rows = await db.drizzle
        .select(columns)
        .from(devices)
        .where(and(inArray(devices.id, [...ids]), eq(devices.userId, userId), isNotNull(devices.keyHash)));
      return rows.map(toDevice);
    },
    rename: async (tx, userId, id, name) => {
      const [row] = await tx.drizzle
        .update(devices)
        .set({ name })
        .where(and(...owned(userId, id)))
        .returning(columns);
      return row ? toDevice(row) : null;
    },
    trust: async (tx, userId, id, { until, knownBy, keyHash }) => {
      const [row] = await tx.drizzle
        .update(devices)
        .set({ trustedUntil: until, keyHash })
        .where(and(...owned(userId, id), eq(devices.keyHash, knownBy)))
        .returning(columns);
      return row ? toDevice(row) : null;
    },
    isTrusted: async (account, keyHash, now) => {
      // As a value, so that a device is looked for also where no account has the address.
      const userId =
        'userId' in account
          ? sql`${account.userId}`
          : sql`coalesce((select ${emailAddresses.userId} from ${emailAddresses} where ${emailAddresses.normalised} = ${account.address}), '')`;
      const rows = await db.drizzle
        .select({ id: devices.id })
        .from(devices)
        .where(and(sql`${devices.userId} = ${userId}`, eq(devices.keyHash, keyHash), gt(devices.trustedUntil, now)));
      return rows.length > 0;
    },
    forget: async (tx, userId, id) => {
      const [row] = await tx.drizzle
        .update(devices)
        .set({ keyHash: null, trustedUntil: null })
        .where(and(...owned(userId, id)))
        .returning(columns);
      return row ? toDevice(row) : null;
    },
  };
}

/**
 * A statement that notes the use of the devices that `ids` selects, for the end of the one that notes that of their sessions.
 * It waits for nobody: a sign-in holds the device's row and may want the session's, which this one holds.
 */
export function noteDeviceUse(ids: SQL, at: Date): SQL {
  return sql`update devices set last_used_at = greatest(last_used_at, ${at.toISOString()}::timestamptz)
    where id in (select id from devices where id in (${ids}) for update skip locked)`;
}

export function drizzleDeviceReportStore(db: Database): DeviceReportStore {
  return {
    replace: async (tx, deviceId, tokenHash, expiresAt) => {
      await tx.drizzle
        .insert(deviceReports)
        .values({ deviceId, tokenHash, expiresAt })
        .onConflictDoUpdate({ target: deviceReports.deviceId, set: { tokenHash, expiresAt } });
    },
    find: async (tokenHash, now) => {
      const [row] = await db.drizzle
        .select({ deviceId: devices.id, userId: devices.userId })
        .from(deviceReports)
        .innerJoin(devices, eq(devices.id, deviceReports.deviceId))
        .where(and(eq(deviceReports.tokenHash, tokenHash), gt(deviceReports.expiresAt, now)));
      return row ? { deviceId: row.deviceId as DeviceId, userId: row.userId as UserId } : null;
    },
    consume: async (tx, tokenHash, now) => {
      const gone = await tx.drizzle
        .delete(deviceReports)
        .where(and(eq(deviceReports.tokenHash, tokenHash), gt(deviceReports.expiresAt, now)));
      return gone.rowCount === 1;
    },
    deleteExpired: async (now) => (await db.drizzle.delete(deviceReports).where(lte(deviceReports.expiresAt, now))).rowCount ?? 0,
  };
}

function beyond({ createdAt, id }: DevicePosition, than: typeof lt) {
  return or(than(devices.firstUsedAt, createdAt), and(eq(devices.firstUsedAt, createdAt), than(devices.id, id)));
}

function toDevice({ country, city, ...row }: DeviceRow): Device {
  return {
    ...row,
    id: row.id as DeviceId,
    userId: row.userId as UserId,
    place: country === null ? null : { country, city },
  };
}
