import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allMailTo, eventsAbout } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';

const firefox = { 'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0' };
const daySeconds = 86_400;

let app: TestApp;
let rows: Rows;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
beforeEach(async () => {
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

interface SeenDevice {
  readonly id: string;
  readonly name: string;
  readonly isCurrent: boolean;
  readonly trustedUntil: string | null;
  readonly lastUsedAt: string;
  readonly sessions: readonly { readonly id: string }[];
}

async function devicesOf(client: TestClient): Promise<SeenDevice[]> {
  const { data, text } = await client.send(documents.devices);
  if (!data?.viewer) throw new Error(text);
  return data.viewer.devices.edges.map(({ node }: { node: SeenDevice }) => node);
}

/** The same client signs in once more, as a browser or an app does. */
async function again(client: TestClient, delivery = 'COOKIE'): Promise<void> {
  client.cookie = undefined;
  client.accessToken = undefined;
  const input = { email: person.email, password: goodPassword, delivery };
  const { data, text } = await client.send(documents.login, { input });
  if (data?.login.__typename !== 'LoginSuccess') throw new Error(text);
  client.accessToken = data.login.tokens?.accessToken;
}

const newDeviceMails = (of = person) => allMailTo(app, rows, of.email, /new sign-in/i);
const withId = (id: string) => ({ headers: { 'x-device-id': id } });

describe('a browser', () => {
  it('is known again by its cookie, through any number of sign-ins, and by nothing else', async () => {
    const { client } = await signInWithCookie(app, person, { headers: firefox });
    expect(client.deviceCookie).toMatch(/^__Host-sallyport-device=sdv_/);
    await again(client);
    expect(await devicesOf(client)).toMatchObject([{ name: 'Firefox on Windows', isCurrent: true }]);
    expect((await devicesOf(client))[0]?.sessions).toHaveLength(2);
    const { client: other } = await signInWithCookie(app, person, { headers: firefox });
    expect((await devicesOf(other)).map(({ isCurrent }) => isCurrent)).toEqual([true, false]);
  });

  it('that two people use is a device of each, and neither sees the other’s', async () => {
    const { client } = await signInWithCookie(app, person);
    const [mine] = await devicesOf(client);
    person = await registeredPerson(app);
    await again(client);
    const [theirs, ...more] = await devicesOf(client);
    expect(more).toEqual([]);
    expect(theirs?.id).not.toBe(mine?.id);
    expect((await client.send(`{ node(id: "${mine?.id}") { id } }`)).data).toEqual({ node: null });
    expect((await client.send(`{ node(id: "${theirs?.id}") { id } }`)).data).toEqual({ node: { id: theirs?.id } });
  });

  it('is stored by a keyed hash: the cookie stands nowhere in the database', async () => {
    const { client } = await signInWithCookie(app, person);
    const secret = client.deviceCookie?.split('=')[1] ?? '';
    for (const table of ['devices', 'sessions', 'event_log', 'event_outbox'])
      expect(await rows.textOf(table)).not.toContain(secret);
  });

  it('with two cookies of that name believes neither: somebody planted one', async () => {
    const { client } = await signInWithCookie(app, person);
    client.deviceCookie = `${client.deviceCookie}; ${client.deviceCookie}`;
    await again(client);
    expect(await devicesOf(client)).toHaveLength(2);
  });
});

describe('an app', () => {
  it('is known by the id that it sends, also by several sign-ins at once', async () => {
    const id = randomUUID();
    const clients = await Promise.all(Array.from({ length: 4 }, () => signIn(app, person, withId(id))));
    const [first] = clients;
    expect(await devicesOf(first?.client ?? new TestClient(app))).toHaveLength(1);
    expect((await eventsAbout(rows, person.userId, 'device.first_seen')).length).toBe(1);
  });

  it('with an id that is none is told so, and nothing happens', async () => {
    const client = new TestClient(app, withId('too short'));
    const { errors } = await client.send(documents.login, { input: { email: person.email, password: goodPassword } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ path: 'X-Device-Id' }] });
    expect(await rows.query('select 1 from devices where user_id = $1', [person.userId])).toEqual([]);
  });

  it('that sends none is known by what it calls itself and by its network', async () => {
    const here = { headers: { 'user-agent': 'curl/8.5.0', 'x-forwarded-for': '192.0.2.1' } };
    const there = { headers: { 'user-agent': 'curl/8.5.0', 'x-forwarded-for': '198.51.100.1' } };
    await signIn(app, person, here);
    await signIn(app, person, here);
    expect(await newDeviceMails()).toEqual([]);
    const { client } = await signIn(app, person, there);
    expect(await devicesOf(client)).toHaveLength(2);
    expect(await newDeviceMails()).toHaveLength(1);
  });
});

describe('a new device', () => {
  it('is told by mail, with an event; the first one of an account is not', async () => {
    const { client } = await signInWithCookie(app, person);
    expect(await newDeviceMails()).toEqual([]);
    await signInWithCookie(app, person, { headers: firefox });
    const [mail, ...more] = await newDeviceMails();
    expect(more).toEqual([]);
    expect(mail?.text).toContain('Device: Firefox on Windows');
    expect(mail?.text).toContain('/unknown-device#token=sdr_');
    await again(client);
    expect(await newDeviceMails()).toHaveLength(1);
    expect(await eventsAbout(rows, person.userId, 'device.first_seen')).toHaveLength(2);
  });

  it('is among the signals of its sign-in, and failures just before are', async () => {
    await signInWithCookie(app, person);
    for (let attempt = 0; attempt < 3; attempt += 1)
      await new TestClient(app).send(documents.login, { input: { email: person.email, password: 'a wrong guess at it' } });
    await signInWithCookie(app, person, { headers: firefox });
    const signals = await rows.query<{ signals: string }>(
      `select convert_from(canonical, 'utf8')::json->'data'->>'signals' as signals from (
         select occurred_at, type, subject_id, canonical from event_log
         union select occurred_at, type, subject_id, canonical from event_outbox) as events
       where type = 'login.succeeded' and subject_id = $1 order by occurred_at`,
      [person.userId],
    );
    expect(signals.map((row) => JSON.parse(row.signals))).toEqual([[], ['new_device', 'failures_before']]);
  });
});

describe('a device of one’s own', () => {
  it('gets another name, which only its owner can give', async () => {
    const { client } = await signInWithCookie(app, person);
    const [device] = await devicesOf(client);
    const rename = async (by: TestClient, name: string) =>
      (await by.send(documents.renameDevice, { input: { deviceId: device?.id, name } })).data.renameDevice;
    expect(await rename(client, ' Kitchen tablet ')).toMatchObject({ device: { name: 'Kitchen tablet' } });
    expect(await rename(client, 'two\nlines')).toMatchObject({ __typename: 'InvalidInputError' });
    const stranger = await signIn(app, await registeredPerson(app));
    expect(await rename(stranger.client, 'mine')).toMatchObject({ __typename: 'NotFoundError' });
    expect((await devicesOf(client))[0]?.name).toBe('Kitchen tablet');
  });

  it('is used as long as its sessions are, to the minute', async () => {
    const { client } = await signInWithCookie(app, person);
    const before = Date.parse((await devicesOf(client))[0]?.lastUsedAt ?? '');
    app.clock.advance(120);
    await client.send(documents.viewer);
    await expect
      .poll(async () => Date.parse((await devicesOf(client))[0]?.lastUsedAt ?? '') - before, { timeout: 5_000 })
      .toBeGreaterThanOrEqual(120_000);
  });

  it('is removed with its sessions, at once, and is a new one when it comes back', async () => {
    const { client: here } = await signInWithCookie(app, person);
    const { client: there } = await signInWithCookie(app, person, { headers: firefox });
    const lost = (await devicesOf(here)).find(({ isCurrent }) => !isCurrent);
    const revoke = async (by: TestClient) =>
      (await by.send(documents.revokeDevice, { input: { deviceId: lost?.id } })).data.revokeDevice;
    expect(await revoke((await signIn(app, await registeredPerson(app))).client)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await revoke(here)).toMatchObject({ __typename: 'RevokeDeviceSuccess', revokedSessionCount: 1 });
    expect((await there.send(documents.viewer)).data.viewer).toBeNull();
    expect(await devicesOf(here)).toHaveLength(1);
    expect(await revoke(here)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await newDeviceMails()).toHaveLength(1);
    await again(there);
    expect(await newDeviceMails()).toHaveLength(2);
  });

  it('is forgotten at a sign-in 400 days after its last use, with the sessions that it had kept in view', async () => {
    const { client } = await signInWithCookie(app, person);
    await rows.query(`update devices set last_used_at = last_used_at - interval '401 days' where user_id = $1`, [person.userId]);
    const { client: other } = await signInWithCookie(app, person, { headers: firefox });
    expect(await devicesOf(other)).toHaveLength(1);
    expect((await client.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
  });
});

describe('a trusted device', () => {
  const trust = async (client: TestClient, input: object = {}) =>
    (await client.send(documents.trustDevice, { input })).data.trustDevice;

  it('is trusted for as many days as wanted, no longer than the organisation lets, and not after', async () => {
    const { client } = await signInWithCookie(app, person);
    expect(await trust(client, { days: 31 })).toMatchObject({
      __typename: 'InvalidInputError',
      fields: [{ path: 'input.days' }],
    });
    expect(await trust(client, { days: 0 })).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await trust(client, { days: 2 })).toMatchObject({ __typename: 'TrustDeviceSuccess' });
    const left = Date.parse((await devicesOf(client))[0]?.trustedUntil ?? '') - app.clock.now().getTime();
    expect(left / 1000).toBeGreaterThan(2 * daySeconds - 60);
    app.clock.advance(2 * daySeconds);
    expect((await devicesOf(client))[0]?.trustedUntil).toBeNull();
  });

  it('is none where the organisation lets none be', async () => {
    const { client: admin } = await signedInAdmin(app);
    const set = (deviceTrustSeconds: number | null) =>
      admin.send(documents.updateSessionPolicy, { input: { deviceTrustSeconds } });
    await set(0);
    const { client } = await signInWithCookie(app, person);
    expect(await trust(client)).toMatchObject({ __typename: 'InvalidInputError' });
    await set(null);
  });

  it('gets another cookie: who had used the browser before holds nothing that is trusted', async () => {
    const { client } = await signInWithCookie(app, person);
    const copied = client.deviceCookie;
    expect(await trust(client)).toMatchObject({ __typename: 'TrustDeviceSuccess' });
    expect(client.deviceCookie).not.toBe(copied);
    const thief = new TestClient(app);
    thief.deviceCookie = copied;
    await again(thief);
    expect((await devicesOf(thief)).map(({ isCurrent, trustedUntil }) => [isCurrent, trustedUntil !== null])).toEqual([
      [true, false],
      [false, true],
    ]);
    expect(await newDeviceMails()).toHaveLength(1);
  });

  it('is not the one to which somebody took a session along, nor a client that shows nothing', async () => {
    const { client } = await signInWithCookie(app, person);
    const thief = new TestClient(app, { headers: { origin: app.url, 'x-device-id': randomUUID() } });
    thief.cookie = client.cookie;
    expect(await trust(thief)).toMatchObject({ __typename: 'NotFoundError' });
    client.deviceCookie = undefined;
    expect(await trust(client)).toMatchObject({ __typename: 'NotFoundError' });
    expect((await devicesOf(client))[0]?.trustedUntil).toBeNull();
  });
});
