import { type Device, type DeviceStore, deviceRevoked, deviceTokenPrefix, deviceTrusted } from '#capabilities/devices/index.ts';
import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import { addSeconds, type Clock } from '#kernel/clock.ts';
import { InvalidInputError, NotFoundError } from '#kernel/errors.ts';
import type { DeviceId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { type KeyedHash, newOpaqueToken } from '#platform/crypto/index.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import type { EndSessions } from './revoke-session.ts';
import type { GetSessionPolicy } from './session-policy.ts';

export interface RevokeDeviceDeps {
  readonly unitOfWork: UnitOfWork;
  readonly devices: Pick<DeviceStore, 'forget'>;
  readonly endSessions: Pick<EndSessions, 'ofDevice'>;
  readonly appendEvent: AppendEvent;
}

export interface RevokedDevice {
  readonly device: Device;
  readonly revokedSessionCount: number;
}

export type RevokeDevice = (actor: UserActor, input: { readonly deviceId: DeviceId }) => Promise<RevokedDevice>;

/**
 * Removes one of the actor's devices: its sessions end, and it is trusted and known no more. It may be the one they act by.
 * Throws NotFoundError for any other id, whether or not it exists.
 */
export const revokeDevice =
  ({ unitOfWork, devices, endSessions, appendEvent }: RevokeDeviceDeps): RevokeDevice =>
  async (actor, { deviceId }) => {
    const { userId } = actor;
    const revoked = await unitOfWork.hotTransaction(async (tx) => {
      // The device before its sessions, as a sign-in by it does: else the two could wait for each other.
      const device = await devices.forget(tx, userId, deviceId);
      if (!device) return null;
      const revokedSessionCount = await endSessions.ofDevice(tx, actor, { userId, deviceId, reason: 'device_revoked' });
      const data = { deviceId, revokedSessionCount };
      await appendEvent(tx, { event: deviceRevoked, actor, subjectId: userId, data });
      return { device, revokedSessionCount };
    });
    if (!revoked) throw new NotFoundError();
    return revoked;
  };

export interface TrustDeviceDeps {
  readonly unitOfWork: UnitOfWork;
  readonly devices: Pick<DeviceStore, 'trust'>;
  readonly getSessionPolicy: GetSessionPolicy;
  readonly deviceKey: KeyedHash;
  readonly appendEvent: AppendEvent;
  readonly clock: Clock;
}

export interface TrustedDevice {
  readonly device: Device;
  /** What the browser is to keep in its cookie from now on; null for an app, whose id stays. */
  readonly cookie: Secret<string> | null;
}

export type TrustDevice = (
  actor: UserActor,
  input: { readonly deviceId: DeviceId | null; readonly days: number | null },
) => Promise<TrustedDevice>;

const daySeconds = 86_400;

/**
 * Trusts the device that the actor's session began by, as long as their organisation allows or for fewer days. It must show
 * that it is this device: whoever took a session along to another gets no trust for that. A browser's cookie is replaced, so
 * that nobody who used the browser before holds what is trusted. Throws InvalidInputError and NotFoundError.
 */
export const trustDevice =
  ({ unitOfWork, devices, getSessionPolicy, deviceKey, appendEvent, clock }: TrustDeviceDeps): TrustDevice =>
  async (actor, { deviceId, days }) => {
    const { deviceTrustSeconds } = await getSessionPolicy(actor.organisationId);
    const mostDays = Math.floor(deviceTrustSeconds / daySeconds);
    if (mostDays < 1) throw new InvalidInputError([{ path: 'input', message: 'the organisation lets no device be trusted' }]);
    const wanted = days ?? mostDays;
    if (wanted < 1 || wanted > mostDays)
      throw new InvalidInputError([{ path: 'input.days', message: `must be from 1 to ${mostDays}` }]);
    const { client } = actor.origin;
    if (!client?.deviceId || !deviceId) throw new NotFoundError();
    const knownBy = deviceKey(`id:${client.deviceId.reveal()}`);
    const cookie = client.keepsCookie ? newOpaqueToken(deviceTokenPrefix) : null;
    const keyHash = cookie ? deviceKey(`id:${cookie.reveal()}`) : knownBy;
    const until = addSeconds(clock.now(), wanted * daySeconds);
    const device = await unitOfWork.hotTransaction(async (tx) => {
      const trusted = await devices.trust(tx, actor.userId, deviceId, { until, knownBy, keyHash });
      if (!trusted) return null;
      const data = { deviceId, until: until.toISOString() };
      await appendEvent(tx, { event: deviceTrusted, actor, subjectId: actor.userId, data });
      return trusted;
    });
    if (!device) throw new NotFoundError();
    return { device, cookie };
  };
