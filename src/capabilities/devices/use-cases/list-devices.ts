import type { AppendEvent } from '#capabilities/events/index.ts';
import type { UserActor } from '#kernel/actor.ts';
import { InvalidInputError, NotFoundError } from '#kernel/errors.ts';
import type { DeviceId } from '#kernel/ids.ts';
import type { UnitOfWork } from '#platform/db/index.ts';
import { type Device, parseDeviceName } from '../device.ts';
import { deviceRenamed } from '../devices.events.ts';
import type { DevicePage, DeviceStore } from '../devices.ports.ts';

export interface ListDevicesDeps {
  readonly devices: Pick<DeviceStore, 'list' | 'find' | 'findMany'>;
}

export type ListDevices = (actor: UserActor, page: DevicePage) => Promise<Device[]>;

/** The actor's own devices. */
export const listDevices =
  ({ devices }: ListDevicesDeps): ListDevices =>
  (actor, page) =>
    devices.list(actor.userId, page);

export type FindDevice = (actor: UserActor, id: DeviceId) => Promise<Device | null>;

/** One of the actor's own devices; null for any other id, whether or not it exists. */
export const findDevice =
  ({ devices }: ListDevicesDeps): FindDevice =>
  (actor, id) =>
    devices.find(actor.userId, id);

export type FindDevices = (actor: UserActor, ids: readonly DeviceId[]) => Promise<Device[]>;

/** Those of these that are the actor's own, in any order, by one statement. */
export const findDevices =
  ({ devices }: ListDevicesDeps): FindDevices =>
  (actor, ids) =>
    devices.findMany(actor.userId, ids);

export interface RenameDeviceDeps {
  readonly unitOfWork: UnitOfWork;
  readonly devices: Pick<DeviceStore, 'rename'>;
  readonly appendEvent: AppendEvent;
}

export type RenameDevice = (actor: UserActor, input: { readonly deviceId: DeviceId; readonly name: string }) => Promise<Device>;

/** Calls one of the actor's devices by another name. Throws InvalidInputError, and NotFoundError for a device of others. */
export const renameDevice =
  ({ unitOfWork, devices, appendEvent }: RenameDeviceDeps): RenameDevice =>
  async (actor, input) => {
    const name = parseDeviceName(input.name);
    if (name === null) throw new InvalidInputError([{ path: 'input.name', message: 'must be one line of 1 to 100 characters' }]);
    const { userId: subjectId } = actor;
    const device = await unitOfWork.hotTransaction(async (tx) => {
      const renamed = await devices.rename(tx, subjectId, input.deviceId, name);
      if (renamed) await appendEvent(tx, { event: deviceRenamed, actor, subjectId, data: { deviceId: renamed.id } });
      return renamed;
    });
    if (!device) throw new NotFoundError();
    return device;
  };
