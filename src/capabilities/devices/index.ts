export { describeClient, unknownClient } from './client-family.bowser.ts';
export { type Device, deviceName, isClientDeviceId, isTrustedDevice, type Place } from './device.ts';
export { drizzleDeviceReportStore, drizzleDeviceStore, noteDeviceUse } from './devices.drizzle.ts';
export { deviceReported, deviceRevoked, deviceTrusted } from './devices.events.ts';
export type { DescribeClient, DevicePosition, DeviceReportStore, DeviceStore, FindPlace } from './devices.ports.ts';
export { openPlaces } from './places.maxmind.ts';
export { type AssessSignIn, plainSignals } from './sign-in-signals.ts';
export { type FindTrust, findTrust } from './use-cases/find-trust.ts';
export {
  type FindDevice,
  type FindDevices,
  findDevice,
  findDevices,
  type ListDevices,
  listDevices,
  type RenameDevice,
  renameDevice,
} from './use-cases/list-devices.ts';
export {
  deviceTokenPrefix,
  type RecogniseDevice,
  type RecognisedDevice,
  recogniseDevice,
} from './use-cases/recognise-device.ts';
