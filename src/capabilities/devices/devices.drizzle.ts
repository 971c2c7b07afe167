import { and, asc, desc, eq, gt, inArray, isNotNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { deviceReports, devices } from '#drizzle/schema/devices.ts';
import type { DeviceId, UserId } from '#kernel/ids.ts';
import type { Database } from '#platform/db/index.ts';
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

export function drizzleDeviceStore(db: Database): DeviceStore {
  const owned = (userId: UserId, id: DeviceId) => [eq(devices.id, id), eq(devices.userId, userId), isNotNull(devices.keyHash)];
  return {
    see: async (tx, device, keyHash, forgetBefore) => {
      const { id, userId, family, place } = device;
      const at = device.lastUsedAt.toISOString();
      const { rows } = await tx.drizzle.execute<{ id: DeviceId; is_new: boolean; is_first: boolean }>(sql`
        with stale as (
          delete from devices where user_id = ${userId} and last_used_at < ${forgetBefore.toISOString()}
            and key_hash is distinct from ${keyHash}
        )
        insert into devices as seen (id, user_id, key_hash, family, country, city, first_used_at, last_used_at)
        values (${id}, ${userId}, ${keyHash}, ${family}, ${place?.country ?? null}, ${place?.city ?? null}, ${at}, ${at})
        on conflict (user_id, key_hash) do update set
          family = excluded.family, country = excluded.country, city = excluded.city,
          last_used_at = greatest(seen.last_used_at, excluded.last_used_at)
        returning id, xmax = 0 as is_new, not exists (select from devices where user_id = ${userId}) as is_first`);
      const [row] = rows;
      if (!row) throw new Error('the device was neither found nor stored');
      return { id: row.id, isNew: row.is_new, isFirst: row.is_new && row.is_first };
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
