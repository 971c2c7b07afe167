import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const patience = { timeout: 10_000, interval: 20 };
const userAgent = 'Telltale/7.42 (a very particular browser)';
const ipAddress = '203.0.113.77';
const headers = { 'user-agent': userAgent, 'x-forwarded-for': ipAddress };

let app: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
  person = await registeredPerson(app, 'telltale.person@example.com');
  await signIn(app, person, { headers });
  await new TestClient(app, { headers }).send(documents.login, { input: { email: person.email, password: 'a wrong password' } });
  await new TestClient(app, { headers }).send(documents.login, {
    input: { email: 'telltale.nobody@example.com', password: 'any' },
  });
  await vi.waitFor(async () => expect(await rows.query('select 1 from event_outbox')).toEqual([]), patience);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

interface LogRow extends Record<string, unknown> {
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly occurred_at: Date;
  readonly organisation_id: string | null;
  readonly actor_id: string | null;
  readonly subject_id: string | null;
  readonly session_id: string | null;
  readonly canonical: Buffer;
  readonly personal: Buffer | null;
  readonly personal_key_id: string | null;
}

describe('personal data in the log', () => {
  it('stands nowhere in plain text: no address, name, network or browser', async () => {
    let text = '';
    for (const table of ['event_log', 'event_outbox', 'subject_keys']) text += await rows.textOf(table);
    expect(text).toContain('login.succeeded');
    for (const personal of ['telltale', 'Telltale', 'Lovelace', ipAddress, '10.0.0.', 'example.com'])
      expect(text).not.toContain(personal);
  });

  it('is told to the person it is about', async () => {
    const { client } = await signIn(app, person);
    const reader = watch(client, { after: '0' });
    await expect.poll(() => reader.types(), patience).toContain('password.rejected');
    const signedIn = reader.events.find(({ type }) => type === 'login.succeeded');
    expect(signedIn).toMatchObject({ ipAddress, userAgent });
    await reader.stop();
  });

  it('leaves a log whose bytes are the canonical JSON (RFC 8785) of the record, committed to the ciphertext by its digest', async () => {
    const log = await rows.query<LogRow>('select * from event_log order by position');
    expect(log.length).toBeGreaterThan(5);
    for (const row of log) {
      const record = JSON.parse(row.canonical.toString('utf8'));
      expect(row.canonical.toString('utf8')).toBe(canonicalize(record));
      expect(record.personalDigest).toBe(row.personal && createHash('sha256').update(row.personal).digest('base64url'));
      // The columns only serve queries: they say what the record says.
      expect(record).toMatchObject({
        version: 1,
        id: row.id,
        type: row.type,
        severity: row.severity,
        occurredAt: row.occurred_at.toISOString(),
        organisationId: row.organisation_id,
        subjectId: row.subject_id,
        sessionId: row.session_id,
      });
      expect(record.actor.id).toBe(row.actor_id);
      expect(Object.keys(record).sort()).toEqual(
        [
          'version',
          'id',
          'type',
          'severity',
          'occurredAt',
          'actor',
          'subjectId',
          'organisationId',
          'sessionId',
          'correlationId',
          'data',
          'personalDigest',
        ].sort(),
      );
    }
  });

  it('is encrypted anew for each event, under the key of its subject', async () => {
    const log = await rows.query<LogRow>('select * from event_log where subject_id = $1 and personal is not null', [
      person.userId,
    ]);
    expect(new Set(log.map(({ personal_key_id }) => personal_key_id))).toEqual(new Set([person.userId]));
    expect(new Set(log.map(({ personal }) => personal?.toString('hex'))).size).toBe(log.length);
    const [nobody] = await rows.query<LogRow>(`select * from event_log where type = 'password.rejected' and subject_id is null`);
    expect(nobody?.personal_key_id).toMatch(/^unattributed:\d{4}-\d\d$/);
  });

  it.each(['update event_log set type = type', 'delete from event_log', 'truncate event_log'])(
    'stands in a log that refuses: %s',
    async (statement) => {
      await expect(rows.query(statement)).rejects.toThrow(/insert-only/);
    },
  );

  it('can not be moved from one event to another', async () => {
    const { client } = await signIn(app, person);
    const ids = (
      await rows.query<LogRow>(`select * from event_log where subject_id = $1 and type = 'login.succeeded'`, [person.userId])
    ).map(({ id }) => id);
    // What only the owner of the database can do.
    await rows.query('alter table event_log disable trigger user');
    await rows.query('update event_log set personal = (select personal from event_log where id = $1) where id = $2', [
      ids[0],
      ids.at(-1),
    ]);
    await rows.query('alter table event_log enable trigger user');
    const reader = watch(client, { after: '0', filter: { types: ['login.succeeded'] } });
    await expect.poll(() => reader.errors.length, patience).toBeGreaterThan(0);
    expect(reader.events.find(({ id }) => id === ids.at(-1))?.ipAddress ?? null).toBeNull();
    await reader.stop();
  });

  it('is gone for good once the key of the subject is destroyed, and everything else stays', async () => {
    const other = await registeredPerson(app);
    const { client: otherClient } = await signIn(app, other, { headers });
    const { client } = await signIn(app, other);
    const before = watch(client, { after: '0' });
    await expect.poll(() => before.types().filter((type) => type === 'login.succeeded').length, patience).toBe(2);
    // Of the sign-in and of its device, which was seen for the first time.
    expect(before.events.filter((event) => event.ipAddress === ipAddress)).toHaveLength(2);
    await before.stop();

    const log = () => rows.textOf('event_log');
    const untouched = await log();
    await rows.query('update subject_keys set wrapped_key = null, destroyed_at = now() where id = $1', [other.userId]);
    // A key that was read is kept for a minute.
    app.clock.advance(61);
    const after = watch(client, { after: '0' });
    await expect.poll(() => after.events.length, patience).toBe(before.events.length);
    expect(after.events).toEqual(before.events.map((event) => ({ ...event, ipAddress: null, userAgent: null })));
    expect(await log()).toBe(untouched);

    // What happens to the person afterwards is recorded without personal data, instead of under a new key.
    await otherClient.send(documents.logout);
    await expect.poll(() => after.types().at(-1), patience).toBe('session.revoked');
    expect(after.events.at(-1)).toMatchObject({ ipAddress: null, userAgent: null });
    const [last] = await rows.query<LogRow>('select * from event_log where subject_id = $1 order by position desc limit 1', [
      other.userId,
    ]);
    expect(last?.personal).toBeNull();
    expect(JSON.parse(String(last?.canonical)).personalDigest).toBeNull();
    await after.stop();
  });
});
