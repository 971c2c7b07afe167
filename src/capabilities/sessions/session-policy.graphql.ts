import { z } from 'zod';
import { Organisation } from '#capabilities/identity/identity.graphql.ts';
import { ForbiddenError, InvalidInputError, RateLimitedError, UnauthenticatedError } from '#kernel/errors.ts';
import { isId } from '#kernel/ids.ts';
import { builder } from '#transport/graphql/builder.ts';
import { AppErrorInterface } from '#transport/graphql/errors.graphql.ts';
import { idText } from '#transport/graphql/inputs.ts';
import { type EffectiveSessionPolicy, mostRanges } from './session-policy.ts';
import { NetworkNotAllowedError, SessionLimitReachedError } from './sessions.errors.ts';
import { requirePrincipal } from './sessions.graphql.ts';
import type { GetSessionPolicy, UpdateSessionPolicy } from './use-cases/session-policy.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlUseCases {
    readonly getSessionPolicy: GetSessionPolicy;
    readonly updateSessionPolicy: UpdateSessionPolicy;
  }
}

builder.objectType(SessionLimitReachedError, {
  name: 'SessionLimitReachedError',
  description: 'The person proved who they are, but has as many sessions as the organisation allows. None began.',
  interfaces: [AppErrorInterface],
  fields: (t) => ({ limit: t.exposeInt('limit', { description: 'How many sessions the organisation allows.' }) }),
});

builder.objectType(NetworkNotAllowedError, {
  name: 'NetworkNotAllowedError',
  description: 'The person proved who they are, but the organisation lets no session begin where they are. None began.',
  interfaces: [AppErrorInterface],
});

const SessionLimitAction = builder.enumType('SessionLimitAction', {
  description: 'What happens when a person with as many sessions as allowed signs in once more.',
  values: {
    REFUSE: { value: 'refuse', description: 'The sign-in is refused with `SessionLimitReachedError`.' },
    EVICT_OLDEST: { value: 'evict-oldest', description: 'The session that began first is ended.' },
  } as const,
});

const SessionNetworkBinding = builder.enumType('SessionNetworkBinding', {
  description: 'To which network a session is bound.',
  values: {
    NONE: { value: 'none', description: 'To none.' },
    SUBNET: {
      value: 'subnet',
      description: 'To the one it began in: the /24 of an IPv4 address, the /64 of an IPv6 one. Used in another it ends.',
    },
  } as const,
});

const SessionClientBinding = builder.enumType('SessionClientBinding', {
  description: 'To which program a session is bound.',
  values: {
    NONE: { value: 'none', description: 'To none.' },
    FAMILY: {
      value: 'family',
      description:
        'To the browser or app and the system that its User-Agent named, of whatever version. Used by another it ends.',
    },
  } as const,
});

const SessionPolicy = builder.objectRef<EffectiveSessionPolicy>('SessionPolicy').implement({
  description: 'What holds for sessions that begin in an organisation: its own wishes within those of the deployment.',
  fields: (t) => ({
    idleTimeoutSeconds: t.exposeInt('idleTimeoutSeconds', { description: 'A session not used for this long ends.' }),
    absoluteTimeoutSeconds: t.exposeInt('absoluteTimeoutSeconds', {
      description: 'A session ends this long after sign-in, however much it is used.',
    }),
    sessionLimit: t.exposeInt('sessionLimit', {
      nullable: true,
      description: 'Sessions that one person may have at once; null: any number.',
    }),
    limitAction: t.expose('limitAction', { type: SessionLimitAction }),
    deviceTrustSeconds: t.exposeInt('deviceTrustSeconds', {
      description: 'For how long a trusted device stays trusted; 0: none can be.',
    }),
    networkBinding: t.expose('networkBinding', { type: SessionNetworkBinding }),
    clientBinding: t.expose('clientBinding', { type: SessionClientBinding }),
    allowedNetworks: t.exposeStringList('allowedNetworks', {
      description: 'The address ranges (CIDR) in which sessions may begin and be used; none: anywhere.',
    }),
  }),
});

builder.objectField(Organisation, 'sessionPolicy', (t) =>
  t.field({
    type: SessionPolicy,
    resolve: ({ id }, _args, { useCases }) => {
      if (!isId('org', id)) throw new Error('the organisation has no id of one');
      return useCases.getSessionPolicy(id);
    },
  }),
);

const UpdateSessionPolicyInput = builder.inputType('UpdateSessionPolicyInput', {
  description: 'The whole policy: what is left out or null is as the deployment has it.',
  fields: (t) => ({
    idleTimeoutSeconds: t.int({ required: false }),
    absoluteTimeoutSeconds: t.int({ required: false }),
    sessionLimit: t.int({ required: false, description: 'From 1; null: any number.' }),
    limitAction: t.field({ type: SessionLimitAction, defaultValue: 'evict-oldest' }),
    deviceTrustSeconds: t.int({ required: false, description: '0: no device can be trusted.' }),
    networkBinding: t.field({ type: SessionNetworkBinding, defaultValue: 'none' }),
    clientBinding: t.field({ type: SessionClientBinding, defaultValue: 'none' }),
    allowedNetworks: t.stringList({
      defaultValue: [],
      validate: z.array(idText).max(mostRanges, `must be at most ${mostRanges} ranges`),
      description: 'Address ranges (CIDR), at most 32, one of which holds the address that you come from.',
    }),
  }),
});
const UpdateSessionPolicySuccess = builder
  .objectRef<{ readonly sessionPolicy: EffectiveSessionPolicy }>('UpdateSessionPolicySuccess')
  .implement({ fields: (t) => ({ sessionPolicy: t.expose('sessionPolicy', { type: SessionPolicy }) }) });

builder.mutationField('updateSessionPolicy', (t) =>
  t.field({
    type: builder.errorUnion('UpdateSessionPolicyResult', {
      types: [UpdateSessionPolicySuccess, ForbiddenError, UnauthenticatedError, InvalidInputError, RateLimitedError],
      resolveType: () => 'UpdateSessionPolicySuccess',
    }),
    authScopes: { signedIn: true },
    description:
      'Replaces the session policy of the organisation that the session acts in. What is stricter holds for live sessions too, within seconds; they are never lengthened. Sessions beyond a new limit end at the next sign-in. Needs `session-policy:update`.',
    args: { input: t.arg({ type: UpdateSessionPolicyInput }) },
    resolve: async (_root, { input }, context) => {
      const { actor } = requirePrincipal(context);
      const sessionPolicy = await context.useCases.updateSessionPolicy(actor, {
        idleTimeoutSeconds: input.idleTimeoutSeconds ?? null,
        absoluteTimeoutSeconds: input.absoluteTimeoutSeconds ?? null,
        sessionLimit: input.sessionLimit ?? null,
        limitAction: input.limitAction,
        deviceTrustSeconds: input.deviceTrustSeconds ?? null,
        networkBinding: input.networkBinding,
        clientBinding: input.clientBinding,
        allowedNetworks: input.allowedNetworks,
      });
      return { sessionPolicy };
    },
  }),
);
