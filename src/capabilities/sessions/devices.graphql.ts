import { type ResolveCursorConnectionArgs, resolveCursorConnection } from '@pothos/plugin-relay';
import DataLoader from 'dataloader';
import {
  type Device as DeviceShape,
  deviceName,
  type FindDevice,
  type FindDevices,
  type ListDevices,
  type Place as PlaceShape,
  type RenameDevice,
} from '#capabilities/devices/index.ts';
import { InvalidInputError, NotFoundError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { type DeviceId, isId } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import { builder, type GraphqlContext } from '#transport/graphql/builder.ts';
import { idText, nameText } from '#transport/graphql/inputs.ts';
import type { Session as SessionShape } from './session.ts';
import { checkedArgs, fromCursor, requirePrincipal, Session, toCursor, Viewer } from './sessions.graphql.ts';
import type { RevokeDevice, RevokedDevice, TrustDevice } from './use-cases/keep-device.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlContext {
    /** Gives the browser, by a cookie of the answer, what it is known by from now on. */
    readonly setDeviceCookie: (token: Secret<string>) => void;
  }
  interface GraphqlUseCases {
    readonly listDevices: ListDevices;
    readonly findDevice: FindDevice;
    readonly findDevices: FindDevices;
    readonly renameDevice: RenameDevice;
    readonly revokeDevice: RevokeDevice;
    readonly trustDevice: TrustDevice;
    readonly isTrustedDevice: (device: DeviceShape) => boolean;
  }
}

const Place = builder.objectRef<PlaceShape>('Place').implement({
  description: 'Roughly where, by the network address: no more exact than a city, and not always right.',
  fields: (t) => ({
    country: t.exposeString('country', { description: 'ISO 3166-1 alpha-2, such as `NL`.' }),
    city: t.exposeString('city', { nullable: true }),
  }),
});

export const Device = builder.objectRef<DeviceShape>('Device');

builder.node(Device, {
  description: 'A browser or app by which the person signed in.',
  id: { resolve: (device) => device.id },
  loadOne: (id, { principal, useCases }) => (principal && isId('dev', id) ? useCases.findDevice(principal.actor, id) : null),
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'family' in value,
  fields: (t) => ({
    name: t.string({ description: 'What the person calls it, else its family.', resolve: deviceName }),
    family: t.exposeString('family', { description: 'What it says of itself, in words: `Firefox on Windows`.' }),
    place: t.expose('place', { type: Place, nullable: true, description: 'Of the last sign-in by it; null where nobody knows.' }),
    firstUsedAt: t.expose('firstUsedAt', { type: 'DateTime' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'To the minute.' }),
    isCurrent: t.boolean({
      description: 'Whether the session of this request began by it.',
      resolve: ({ id }, _args, { principal }) => principal?.session.deviceId === id,
    }),
    trustedUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Until when it is trusted; null when it is not.',
      resolve: (device, _args, { useCases }) => (useCases.isTrustedDevice(device) ? device.trustedUntil : null),
    }),
    sessions: t.field({
      type: [Session],
      description: 'Live sessions that began by it, newest first; the 100 newest of all.',
      complexity: { field: 1, multiplier: 10 },
      resolve: ({ id }, _args, context) => loadersOf(context).sessions.load(id),
    }),
  }),
});

builder.objectField(Session, 'device', (t) =>
  t.field({
    type: Device,
    nullable: true,
    description: 'What it began by; null when that was removed.',
    resolve: ({ deviceId }, _args, context) => (deviceId && context.principal ? loadersOf(context).devices.load(deviceId) : null),
  }),
);

builder.objectField(Viewer, 'devices', (t) =>
  t.connection({
    type: Device,
    description: 'The devices by which the person signed in, newest first.',
    resolve: ({ actor }, args, { useCases }) =>
      resolveCursorConnection(
        {
          args: checkedArgs(args),
          defaultSize: 20,
          maxSize: 100,
          toCursor: ({ id, firstUsedAt }) => toCursor({ id, createdAt: firstUsedAt }),
        },
        ({ limit, inverted, after, before }: ResolveCursorConnectionArgs) =>
          useCases.listDevices(actor, {
            limit,
            inverted,
            after: after ? fromCursor('dev', 'after', after) : undefined,
            before: before ? fromCursor('dev', 'before', before) : undefined,
          }),
      ),
  }),
);

interface Loaders {
  readonly devices: DataLoader<DeviceId, DeviceShape | null>;
  readonly sessions: DataLoader<DeviceId, SessionShape[]>;
}

const loaders = new WeakMap<GraphqlContext, Loaders>();
const mostSessions = 100;

/** One statement for all devices of one request, and one for all their sessions. */
function loadersOf(context: GraphqlContext): Loaders {
  const existing = loaders.get(context);
  if (existing) return existing;
  const { actor } = requirePrincipal(context);
  const { useCases } = context;
  const made: Loaders = {
    devices: new DataLoader(async (ids) => {
      const found = new Map((await useCases.findDevices(actor, ids)).map((device) => [device.id, device]));
      return ids.map((id) => found.get(id) ?? null);
    }),
    sessions: new DataLoader(async (deviceIds) => {
      const live = await useCases.listSessions(actor, { limit: mostSessions, inverted: false, deviceIds });
      return deviceIds.map((id) => live.filter(({ deviceId }) => deviceId === id));
    }),
  };
  loaders.set(context, made);
  return made;
}

const deviceSuccess = (name: string) =>
  builder
    .objectRef<{ readonly device: DeviceShape }>(name)
    .implement({ fields: (t) => ({ device: t.field({ type: Device, resolve: ({ device }) => device }) }) });

const RenameDeviceInput = builder.inputType('RenameDeviceInput', {
  fields: (t) => ({ deviceId: t.id({ validate: idText }), name: t.string({ validate: nameText }) }),
});
const RenameDeviceSuccess = deviceSuccess('RenameDeviceSuccess');

builder.mutationField('renameDevice', (t) =>
  t.field({
    type: builder.errorUnion('RenameDeviceResult', {
      types: [RenameDeviceSuccess, NotFoundError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'RenameDeviceSuccess',
    }),
    authScopes: { signedIn: true },
    description: 'Calls one of the person’s own devices by another name.',
    args: { input: t.arg({ type: RenameDeviceInput }) },
    resolve: async (_root, { input: { deviceId, name } }, context) => {
      const { actor } = requirePrincipal(context);
      return { device: await context.useCases.renameDevice(actor, { deviceId: deviceIdOf(deviceId), name }) };
    },
  }),
);

const RevokeDeviceInput = builder.inputType('RevokeDeviceInput', {
  fields: (t) => ({ deviceId: t.id({ validate: idText }) }),
});
const RevokeDeviceSuccess = builder.objectRef<RevokedDevice>('RevokeDeviceSuccess').implement({
  fields: (t) => ({
    device: t.expose('device', { type: Device }),
    revokedSessionCount: t.exposeInt('revokedSessionCount'),
  }),
});

builder.mutationField('revokeDevice', (t) =>
  t.field({
    type: builder.errorUnion('RevokeDeviceResult', {
      types: [RevokeDeviceSuccess, NotFoundError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'RevokeDeviceSuccess',
    }),
    authScopes: { signedIn: true },
    description:
      'Removes one of the person’s own devices: its sessions end at once, and it is trusted no more. When it signs in again it is a new one.',
    args: { input: t.arg({ type: RevokeDeviceInput }) },
    resolve: (_root, { input: { deviceId } }, context) =>
      context.useCases.revokeDevice(requirePrincipal(context).actor, { deviceId: deviceIdOf(deviceId) }),
  }),
);

const TrustDeviceInput = builder.inputType('TrustDeviceInput', {
  fields: (t) => ({
    days: t.int({ required: false, description: 'Null: as long as the organisation allows.' }),
  }),
});
const TrustDeviceSuccess = deviceSuccess('TrustDeviceSuccess');

builder.mutationField('trustDevice', (t) =>
  t.field({
    type: builder.errorUnion('TrustDeviceResult', {
      types: [TrustDeviceSuccess, NotFoundError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'TrustDeviceSuccess',
    }),
    authScopes: { signedIn: true },
    description:
      'Trusts the device that this request comes from, which must be the one that the session began by. `NotFoundError` for a client that sends neither the device cookie nor `X-Device-Id`.',
    args: { input: t.arg({ type: TrustDeviceInput }) },
    resolve: async (_root, { input }, context) => {
      const { actor, session } = requirePrincipal(context);
      const { deviceId } = session;
      const { device, cookie } = await context.useCases.trustDevice(actor, { deviceId, days: input.days ?? null });
      if (cookie) context.setDeviceCookie(cookie);
      return { device };
    },
  }),
);

function deviceIdOf(id: string): DeviceId {
  if (!isId('dev', id)) throw new NotFoundError();
  return id;
}
