import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestClient } from '#tests/support/client.ts';
import { type EventWriter, gate, openEventWriter } from '#tests/support/event-writer.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { type Watch, watch } from '#tests/support/watch.ts';

/** Of the node whose turn it is to move events to the log. */
const sequencerLock = '7255091334';
const patience = { timeout: 10_000, interval: 20 };

let app: TestApp;
let rows: Rows;
let writer: EventWriter;
let person: Person;
let client: TestClient;
beforeAll(async () => {
  app = await makeTestApp();
  rows = await openRows(app);
  writer = openEventWriter(app);
  person = await registeredPerson(app);
  ({ client } = await signIn(app, person));
});
afterAll(async () => {
  await writer.close();
  await rows.close();
  await app.close();
});

const names = (from: Watch) => from.events.filter(({ type }) => type === 'test.happened').map(({ data }) => String(data['name']));
const lastCursor = async () =>
  String((await rows.query('select coalesce(max(position), 0) as last from event_log'))[0]?.['last']);
const add = (name: string) => writer.transaction((tx) => writer.append(tx, person.userId, name));

describe('the log under slow and parallel transactions', () => {
  it('gives the event of a transaction that began first but committed last a later place, and no reader misses it', async () => {
    const reader = watch(client, { after: await lastCursor() });
    const slow = gate();
    const appended = gate();
    const first = writer.transaction(async (tx) => {
      await writer.append(tx, person.userId, 'begun first');
      appended.open();
      await slow.opened;
    });
    await appended.opened;
    await add('committed first');
    await expect.poll(() => names(reader), patience).toEqual(['committed first']);
    slow.open();
    await first;
    await expect.poll(() => names(reader), patience).toEqual(['committed first', 'begun first']);
    const [one, two] = reader.events;
    expect(BigInt(two?.cursor ?? 0)).toBe(BigInt(one?.cursor ?? 0) + 1n);
    await reader.stop();
  });

  it('shows every reader all events once and in the same order, whatever the order of the commits', async () => {
    const after = await lastCursor();
    const readers = Array.from({ length: 4 }, () => watch(client, { after }));
    const gates = Array.from({ length: 18 }, gate);
    const running = gates.map((own, index) =>
      writer.transaction(async (tx) => {
        for (let part = 0; part <= index % 3; part += 1) await writer.append(tx, person.userId, `shuffled ${index}.${part}`);
        await own.opened;
      }),
    );
    // Committed in an order that has nothing to do with that of the appends, some of them together.
    for (const index of [17, 3, 9, 0, 12, 6, 15, 1, 8, 4, 16, 2, 11, 5, 13, 7, 14, 10]) {
      gates[index]?.open();
      if (index % 2 === 0) await running[index];
    }
    await Promise.all(running);
    const total = 6 * (1 + 2 + 3);
    await expect.poll(() => readers.map((reader) => names(reader).length), patience).toEqual(readers.map(() => total));
    const log = await rows.query<{ id: string }>('select id from event_log where position > $1 order by position', [after]);
    for (const reader of readers) expect(reader.events.map(({ id }) => id)).toEqual(log.map(({ id }) => id));
    await Promise.all(readers.map((reader) => reader.stop()));
  });

  it('puts no event before one that was committed when it was appended, though one turn moves them all', async () => {
    const reader = watch(client, { after: await lastCursor() });
    const turns = await openRows(app);
    await turns.query('begin');
    await turns.query('select pg_advisory_xact_lock($1)', [sequencerLock]);
    const slow = gate();
    const appended = gate();
    const overlapping = writer.transaction(async (tx) => {
      await writer.append(tx, person.userId, 'appended first, committed last');
      appended.open();
      await slow.opened;
    });
    await appended.opened;
    const parts = ['committed', 'appended thereafter', 'and thereafter'];
    for (const name of parts) await add(name);
    slow.open();
    await overlapping;
    // None has left: one turn has them all to put in order.
    expect(await rows.query("select 1 from event_outbox where type = 'test.happened'")).toHaveLength(4);
    await turns.query('commit');
    await turns.close();
    await expect.poll(() => names(reader), patience).toHaveLength(4);
    expect(names(reader).filter((name) => parts.includes(name))).toEqual(parts);
    await reader.stop();
  });

  it('has contiguous positions from 1', async () => {
    await expect.poll(async () => (await rows.query('select 1 from event_outbox')).length, patience).toBe(0);
    const [row] = await rows.query<Record<string, string>>(
      'select count(*), min(position) as first, max(position) as last from event_log',
    );
    expect(row?.['first']).toBe('1');
    expect(row?.['last']).toBe(row?.['count']);
  });

  it('replays and goes on live without a gap or a duplicate while events are appended', async () => {
    const after = await lastCursor();
    const count = 120;
    const readers: Watch[] = [];
    for (let index = 0; index < count; index += 1) {
      // Readers come in while the log grows: each has another part of it to replay.
      if (index % 20 === 5) readers.push(watch(client, { after }));
      await add(`growing ${index}`);
    }
    readers.push(watch(client, { after }));
    const all = Array.from({ length: count }, (_, index) => `growing ${index}`);
    await expect.poll(() => readers.map((reader) => names(reader).length), patience).toEqual(readers.map(() => count));
    for (const reader of readers) expect(names(reader)).toEqual(all);
    await Promise.all(readers.map((reader) => reader.stop()));
  });

  it('resumes after the last cursor seen, across connections', async () => {
    const after = await lastCursor();
    for (const name of ['a', 'b', 'c']) await add(name);
    const first = watch(client, { after });
    await expect.poll(() => names(first), patience).toEqual(['a', 'b', 'c']);
    await first.stop();
    await add('d');
    const resumed = watch(client, { after: first.events[1]?.cursor });
    await expect.poll(() => names(resumed), patience).toEqual(['c', 'd']);
    await resumed.stop();
  });
});

describe('a cursor that no event came with', () => {
  it('is refused when it lies beyond the end of the log', async () => {
    const reader = watch(client, { after: '999999999' });
    await expect.poll(() => reader.errors, patience).toEqual(['INVALID_INPUT']);
    await reader.stop();
  });

  it.each(['', ' ', '-1', '1.5', '01', '0x10', '1e3', 'abc', '9223372036854775808', '٣', '1\0', "1' or '1'='1", '9'.repeat(64)])(
    'is refused as malformed: %j',
    async (after) => {
      const reader = watch(client, { after });
      await expect.poll(() => reader.errors, patience).toEqual(['INVALID_INPUT']);
      expect(reader.events).toEqual([]);
      await reader.stop();
    },
  );

  it.each([1, true, {}, ['0'], '9'.repeat(65)])('is refused by its type or length: %j', async (after) => {
    const reader = watch(client, { after });
    await expect.poll(() => reader.errors, patience).toEqual(['GRAPHQL_INVALID']);
    await reader.stop();
  });
});

describe('a filter', () => {
  it('narrows by type and by least severity, in replay and live', async () => {
    const byType = watch(client, { after: '0', filter: { types: ['login.succeeded'] } });
    const bySeverity = watch(client, { after: '0', filter: { minSeverity: 'NOTICE' } });
    const { client: second, sessionId } = await signIn(app, person);
    await second.send('mutation { logout { __typename } }');
    await expect.poll(() => byType.events.at(-1)?.sessionId, patience).toBe(sessionId);
    await expect.poll(() => bySeverity.events.at(-1)?.type, patience).toBe('session.revoked');
    expect(new Set(byType.types())).toEqual(new Set(['login.succeeded']));
    expect(bySeverity.events.filter(({ severity }) => severity === 'INFO')).toEqual([]);
    await Promise.all([byType.stop(), bySeverity.stop()]);
  });
});
