import { describe, expect, it } from 'vitest';
import type { Actor, UserActor } from '#kernel/actor.ts';
import { ForbiddenError } from '#kernel/errors.ts';
import type { EventFilter } from '../event-filter.ts';
import type { SecurityEvent } from '../security-event.ts';
import { watchSecurityEvents } from './watch-security-events.ts';

const origin = { ipAddress: '192.0.2.1', userAgent: '', correlationId: 'test' };
const ada = {
  kind: 'user',
  origin,
  userId: 'usr_ada',
  organisationId: 'org_one',
  sessionId: 'ses_one',
  authTime: new Date(),
  amr: [],
} as unknown as UserActor;

function scene({ lastPosition = 10n, oldestAt = 0 } = {}) {
  let now = 0;
  let fresh = true;
  let permitted = true;
  let returned = 0;
  let position = 0n;
  const filters: EventFilter[] = [];
  const source: AsyncIterableIterator<SecurityEvent> = {
    [Symbol.asyncIterator]: () => source,
    next: async () => {
      position += 1n;
      return { done: false, value: { position } as SecurityEvent };
    },
    return: async () => {
      returned += 1;
      return { done: true, value: undefined };
    },
  };
  const watch = watchSecurityEvents({
    watch: (filter) => {
      filters.push(filter);
      return source;
    },
    store: {
      lastPosition: async () => lastPosition,
      readAfter: async () => [{ occurredAt: new Date(oldestAt).toISOString() } as SecurityEvent],
    },
    authorizeExport: () => {
      if (!fresh) throw new ForbiddenError();
    },
    authorizeOrganisation: async () => {
      if (!permitted) throw new ForbiddenError();
    },
    clock: { now: () => new Date(now) },
  });
  return {
    watch,
    filters,
    returned: () => returned,
    pass: (ms: number) => {
      now += ms;
    },
    growStale: () => {
      fresh = false;
    },
    forbid: () => {
      permitted = false;
    },
  };
}

describe('watching security events', () => {
  it.each<Actor>([
    { kind: 'anonymous', origin },
    { kind: 'system', name: 'start', origin },
  ])('is for people who are signed in', async (actor) => {
    await expect(scene().watch(actor, { scope: 'self' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it('looks at the reader’s own events, or at those of the organisation that they act in, and at no others', async () => {
    const { watch, filters } = scene();
    await watch(ada, { scope: 'self', types: ['a.b'] });
    await watch(ada, { scope: 'organisation' });
    expect(filters).toEqual([
      { subjectId: 'usr_ada', types: ['a.b'], minSeverity: undefined },
      { organisationId: 'org_one', types: undefined, minSeverity: undefined },
    ]);
  });

  it('refuses a cursor beyond the end, and takes the end itself', async () => {
    await expect(scene().watch(ada, { scope: 'self', after: '11' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(scene().watch(ada, { scope: 'self', after: '10' })).resolves.toBeDefined();
  });

  it('refuses the organisation’s events without the permission, before anything is read', async () => {
    const { watch, filters, forbid } = scene();
    forbid();
    await expect(watch(ada, { scope: 'organisation' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(filters).toEqual([]);
  });

  it('wants a fresh proof for the organisation’s events of more than a day ago, and for nothing else', async () => {
    const { watch, filters, pass, growStale } = scene();
    growStale();
    pass(86_400_000);
    await watch(ada, { scope: 'organisation', after: '0' });
    pass(1);
    await watch(ada, { scope: 'organisation' });
    await watch(ada, { scope: 'self', after: '0' });
    expect(filters).toHaveLength(3);
    await expect(watch(ada, { scope: 'organisation', after: '0' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(filters).toHaveLength(3);
  });

  it('stops within a second of the loss of the permission, withholds that event, and lets go of the source', async () => {
    const { watch, pass, forbid, returned } = scene();
    const events = (await watch(ada, { scope: 'organisation' }))[Symbol.asyncIterator]();
    expect((await events.next()).value.position).toBe(1n);
    pass(1_000);
    expect((await events.next()).value.position).toBe(2n);
    forbid();
    pass(1_000);
    await expect(events.next()).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(returned()).toBe(1);
  });
});
