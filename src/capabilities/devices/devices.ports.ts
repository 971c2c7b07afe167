import type { DeviceId, UserId } from '#kernel/ids.ts';
import type { HotTx } from '#platform/db/index.ts';
import type { Device, Place } from './device.ts';

/** Where a network address is, coarsely; null where nobody knows. */
export type FindPlace = (ipAddress: string) => Place | null;

/** What a client says of itself, in words, out of its User-Agent and its Sec-CH-UA header. */
export type DescribeClient = (client: { readonly userAgent: string; readonly brands?: string | undefined }) => string;

/** A place in a person's list of devices, newest first. */
export interface DevicePosition {
  readonly createdAt: Date;
  readonly id: string;
}

export interface DevicePage {
  readonly limit: number;
  readonly inverted: boolean;
  readonly after?: DevicePosition | undefined;
  readonly before?: DevicePosition | undefined;
}

export interface SeenDevice {
  readonly id: DeviceId;
  /** Whether this sign-in is the first by it. */
  readonly isNew: boolean;
  /** Whether the person had no device before. */
  readonly isFirst: boolean;
}

/** An account by its id, or by its address in normalised form. */
export type TrustingAccount = { readonly userId: UserId } | { readonly address: string };

export interface DeviceStore {
  /**
   * Finds the person's device of this key and notes its use, or makes it; of sign-ins at once one makes it. The one
   * statement also deletes those of the person that nobody has used since `forgetBefore`.
   */
  see(tx: HotTx, device: Device, keyHash: Buffer, forgetBefore: Date): Promise<SeenDevice>;
  /** Devices of a person that are not forgotten, newest first, or oldest first when `inverted`. */
  list(userId: UserId, page: DevicePage): Promise<Device[]>;
  find(userId: UserId, id: DeviceId): Promise<Device | null>;
  /** Those of these devices that are the person's and not forgotten. */
  findMany(userId: UserId, ids: readonly DeviceId[]): Promise<Device[]>;
  rename(tx: HotTx, userId: UserId, id: DeviceId, name: string): Promise<Device | null>;
  /** Null where it is not theirs or not known by `knownBy`, which `keyHash` replaces. */
  trust(
    tx: HotTx,
    userId: UserId,
    id: DeviceId,
    trust: { readonly until: Date; readonly knownBy: Buffer; readonly keyHash: Buffer },
  ): Promise<Device | null>;
  /**
   * Whether the account trusts the device of this key at `now`. One statement, which does the same work where there is no
   * such account.
   */
  isTrusted(account: TrustingAccount, keyHash: Buffer, now: Date): Promise<boolean>;
  /** It is known by nothing and trusted no more: who signs in by it next comes by a new device. Null where it is not theirs. */
  forget(tx: HotTx, userId: UserId, id: DeviceId): Promise<Device | null>;
}

export interface DeviceReportStore {
  /** Replaces any earlier link of the device. */
  replace(tx: HotTx, deviceId: DeviceId, tokenHash: Buffer, expiresAt: Date): Promise<void>;
  /** What this link reports, if it is good at `now`; it stays good. */
  find(tokenHash: Buffer, now: Date): Promise<{ readonly deviceId: DeviceId; readonly userId: UserId } | null>;
  /** Removes it, so that of two users of one link exactly one gets it; whether there was one that is good at `now`. */
  consume(tx: HotTx, tokenHash: Buffer, now: Date): Promise<boolean>;
  deleteExpired(now: Date): Promise<number>;
}
