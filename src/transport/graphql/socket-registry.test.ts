import { describe, expect, it } from 'vitest';
import { newId, type SessionId } from '#kernel/ids.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { createSocketRegistry } from './socket-registry.ts';

const clock = { now: () => new Date(0) };

function scene(ended: readonly SessionId[] = []) {
  const asked: (readonly SessionId[])[] = [];
  const registry = createSocketRegistry({
    findEnded: async (ids) => {
      asked.push(ids);
      return ids.filter((id) => ended.includes(id));
    },
    clock,
    logger: silent,
  });
  return { registry, asked };
}

function socket() {
  const closes: [number, string][] = [];
  return { closes, close: (code: number, reason: string) => void closes.push([code, reason]) };
}

describe('the registry of sockets', () => {
  it('closes every socket of a session that ended, and no other', () => {
    const { registry } = scene();
    const [mine, also, other] = [socket(), socket(), socket()];
    const [session, another] = [{ id: newId('ses') }, { id: newId('ses') }];
    registry.remember(session, mine);
    registry.remember(session, also);
    registry.remember(another, other);
    registry.sessionEnded(session.id);
    expect([mine.closes, also.closes, other.closes]).toEqual([[[4401, 'Session ended']], [[4401, 'Session ended']], []]);
    expect(registry.size).toBe(1);
  });

  it('refuses a socket whose session ended while it was being authenticated', () => {
    const { registry } = scene();
    const session = { id: newId('ses') };
    registry.sessionEnded(session.id);
    expect(registry.remember(session, socket())).toBe('ended');
    expect(registry.size).toBe(0);
  });

  it('remembers the ends of a thousand sessions, not of all there ever were', () => {
    const { registry } = scene();
    const ids = Array.from({ length: 1_001 }, () => newId('ses'));
    for (const id of ids) registry.sessionEnded(id);
    const places = ids.map((id) => registry.remember({ id }, socket()));
    expect(places.filter((place) => place === 'ended')).toHaveLength(1_000);
    expect(places[0]).toBe('remembered');
  });

  it('lets one session have 20, and another one when one of them goes', () => {
    const { registry } = scene();
    const session = { id: newId('ses') };
    const first = socket();
    expect(registry.remember(session, first)).toBe('remembered');
    for (let count = 1; count < 20; count += 1) expect(registry.remember(session, socket())).toBe('remembered');
    expect(registry.remember(session, socket())).toBe('full');
    registry.forget(session.id, first);
    expect(registry.remember(session, socket())).toBe('remembered');
  });

  it('sweeps: closes what ended by itself, such as by its timeouts', async () => {
    const over = { id: newId('ses') };
    const { registry, asked } = scene([over.id]);
    await registry.sweep();
    expect(asked).toEqual([]);
    const [ending, staying] = [socket(), socket()];
    registry.remember(over, ending);
    registry.remember({ id: newId('ses') }, staying);
    await registry.sweep();
    expect(asked[0]).toHaveLength(2);
    expect([ending.closes, staying.closes]).toEqual([[[4401, 'Session ended']], []]);
    await registry.sweep();
    expect(ending.closes).toHaveLength(1);
  });

  it('sends everybody elsewhere when the node goes out of service', () => {
    const { registry } = scene();
    const sockets = [socket(), socket()];
    for (const one of sockets) registry.remember({ id: newId('ses') }, one);
    registry.closeAll();
    expect(sockets.map(({ closes }) => closes)).toEqual([[[1001, 'Going away']], [[1001, 'Going away']]]);
  });

  it('forgets sockets that it never knew without complaint', () => {
    const { registry } = scene();
    registry.forget(newId('ses'), socket());
    expect(registry.size).toBe(0);
  });
});
