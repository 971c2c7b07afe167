import type { AppendEvent } from '#capabilities/events/index.ts';
import type { Actor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import { newId, type OrganisationId, type UserId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { type KeyedHash, newOpaqueToken } from '#platform/crypto/index.ts';
import type { HotTx } from '#platform/db/index.ts';
import { forgetDeviceAfterSeconds, type Place } from '../device.ts';
import { deviceFirstSeen } from '../devices.events.ts';
import type { DescribeClient, DeviceStore, FindPlace, SeenDevice } from '../devices.ports.ts';

export const deviceTokenPrefix = 'sdv';

export interface RecogniseDeviceDeps {
  readonly devices: Pick<DeviceStore, 'see'>;
  readonly describeClient: DescribeClient;
  readonly findPlace: FindPlace;
  readonly deviceKey: KeyedHash;
  /** What counts as one network. */
  readonly networkOf: (ipAddress: string) => string;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface RecogniseDeviceInput {
  readonly actor: Actor;
  readonly userId: UserId;
  readonly organisationId: OrganisationId;
  /** Whether a cookie can be set by which a browser is known from now on. */
  readonly canKeepCookie: boolean;
}

export interface RecognisedDevice extends SeenDevice {
  readonly family: string;
  readonly place: Place | null;
  /** What the browser is to keep in its cookie; null for a client that is known by anything else. */
  readonly cookie: Secret<string> | null;
}

export type RecogniseDevice = (tx: HotTx, input: RecogniseDeviceInput) => Promise<RecognisedDevice>;

/**
 * Finds or makes the device of a sign-in whose person has proved who they are, by one statement in the transaction of that
 * sign-in, and records a new one. A client that keeps nothing is known by what it calls itself and its network: leaving out the
 * header is no way to come unseen.
 */
export const recogniseDevice =
  ({ devices, describeClient, findPlace, deviceKey, networkOf, appendEvent, clock }: RecogniseDeviceDeps): RecogniseDevice =>
  async (tx, { actor, userId, organisationId, canKeepCookie }) => {
    const { ipAddress, userAgent, client } = actor.origin;
    const now = clock.now();
    const family = describeClient({ userAgent, brands: client?.brands });
    const place = findPlace(ipAddress);
    const known = client?.deviceId ?? null;
    const cookie = known ? (client?.keepsCookie ? known : null) : canKeepCookie ? newOpaqueToken(deviceTokenPrefix) : null;
    const id = known ?? cookie;
    const keyHash = deviceKey(id ? `id:${id.reveal()}` : `family:${family} ${networkOf(ipAddress)}`);
    const device = { id: newId('dev'), userId, name: null, family, place, firstUsedAt: now, lastUsedAt: now, trustedUntil: null };
    const seen = await devices.see(tx, device, keyHash, addSeconds(now, -forgetDeviceAfterSeconds));
    if (seen.isNew) {
      const data = { deviceId: seen.id, isFirst: seen.isFirst };
      await appendEvent(tx, { event: deviceFirstSeen, actor, subjectId: userId, organisationId, data });
    }
    return { ...seen, family, place, cookie: canKeepCookie ? cookie : null };
  };
