import { z } from 'zod';
import type { JsonValue } from '#kernel/json.ts';
import { builder, type GraphqlContext } from '#transport/graphql/builder.ts';
import { nameText } from '#transport/graphql/inputs.ts';
import { cursorOf } from './cursor.ts';
import type { PersonalData, SecurityEvent as SecurityEventShape } from './security-event.ts';
import type { WatchSecurityEvents } from './use-cases/watch-security-events.ts';

declare module '#transport/graphql/builder.ts' {
  interface GraphqlUseCases {
    readonly watchSecurityEvents: WatchSecurityEvents;
    readonly readPersonalData: (event: SecurityEventShape) => Promise<PersonalData | null>;
  }
}

const EventSeverity = builder.enumType('EventSeverity', {
  values: {
    INFO: { value: 'info' },
    NOTICE: { value: 'notice' },
    WARNING: { value: 'warning' },
    CRITICAL: { value: 'critical' },
  } as const,
});
const EventScope = builder.enumType('EventScope', {
  values: {
    SELF: { value: 'self', description: 'What happened to the person who asks.' },
    ORGANISATION: { value: 'organisation', description: 'What happened in the organisation; needs the permission `event:read`.' },
  } as const,
});
const SecurityEventFilter = builder.inputType('SecurityEventFilter', {
  description: 'Which events to receive. Each field narrows.',
  fields: (t) => ({
    types: t.field({
      type: ['String'],
      required: false,
      description: 'Only these types, such as `session.revoked`.',
      validate: z.array(nameText).max(50, 'must name at most 50 types'),
    }),
    minSeverity: t.field({ type: EventSeverity, required: false }),
    scope: t.field({ type: EventScope, required: false, defaultValue: 'self' }),
  }),
});

async function personal(event: SecurityEventShape, { useCases }: GraphqlContext): Promise<PersonalData | null> {
  return event.personal ? useCases.readPersonalData(event) : null;
}

const SecurityEvent = builder.objectRef<SecurityEventShape>('SecurityEvent').implement({
  description: 'Something that happened and matters for security. The log keeps it; see docs/events.md for the types.',
  fields: (t) => ({
    id: t.exposeID('id'),
    cursor: t.field({
      type: 'Cursor',
      description: 'Resume after this event with `after`.',
      resolve: ({ position }) => cursorOf(position),
    }),
    type: t.exposeString('type', { description: 'Past tense and dotted: `login.succeeded`.' }),
    occurredAt: t.field({ type: 'DateTime', resolve: ({ occurredAt }) => new Date(occurredAt) }),
    severity: t.expose('severity', { type: EventSeverity }),
    actorId: t.id({
      nullable: true,
      description: 'Who did it; null for somebody not signed in.',
      resolve: ({ actor }) => actor.id,
    }),
    subjectId: t.exposeID('subjectId', { nullable: true, description: 'Whom it happened to.' }),
    organisationId: t.exposeID('organisationId', { nullable: true }),
    sessionId: t.exposeID('sessionId', { nullable: true }),
    correlationId: t.exposeString('correlationId', {
      description: 'Also in `X-Request-Id` of the answer and on the log lines of the request.',
    }),
    data: t.field({ type: 'JSON', description: 'Facts that point at no person.', resolve: ({ data }): JsonValue => data }),
    ipAddress: t.string({
      nullable: true,
      description: 'Personal data: null once the person was erased.',
      resolve: async (event, _args, context) => (await personal(event, context))?.ipAddress ?? null,
    }),
    userAgent: t.string({
      nullable: true,
      description: 'Personal data: null once the person was erased.',
      resolve: async (event, _args, context) => (await personal(event, context))?.userAgent ?? null,
    }),
  }),
});

builder.subscriptionField('securityEvents', (t) =>
  t.field({
    type: SecurityEvent,
    description:
      'Security events as they happen, in order. With `after`: first all that happened after that cursor, then live, without a gap or a duplicate. The socket is closed within a second of the end of its session.',
    args: {
      after: t.arg({ type: 'Cursor', required: false }),
      filter: t.arg({ type: SecurityEventFilter, required: false }),
    },
    subscribe: (_root, { after, filter }, { actor, useCases }) =>
      useCases.watchSecurityEvents(actor, { after, ...filter, scope: filter?.scope ?? 'self' }),
    resolve: (event) => event,
  }),
);
