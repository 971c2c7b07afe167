import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { appendedEvents } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { boundHeaders, signInBound } from '#tests/support/dpop.ts';
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

/** Attacks by who has stolen a cookie or a token and uses it elsewhere, where the organisation binds its sessions. */

const firefox = (version: number) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
const home = { 'x-forwarded-for': '192.0.2.7', 'user-agent': firefox(140) };
const elsewhere = { ...home, 'x-forwarded-for': '203.0.113.9' };
const otherBrowser = { ...home, 'user-agent': chrome };

let app: TestApp;
let rows: Rows;
let admin: TestClient;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
  const { person: administrator } = await signedInAdmin(app);
  // Bound as all others are, as soon as the policy says so.
  admin = (await signIn(app, administrator, { headers: home })).client;
  await setPolicy({});
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});
beforeEach(() => setPolicy({}));

async function setPolicy(input: Record<string, unknown>, from: Record<string, string> = home) {
  const { data, text } = await admin.send(documents.updateSessionPolicy, { input }, from);
  if (data?.updateSessionPolicy.__typename !== 'UpdateSessionPolicySuccess') throw new Error(text);
}

type Headers = Readonly<Record<string, string>>;
const viewerBy = (client: TestClient, headers: Headers) => client.send(documents.viewer, undefined, headers);
const serves = async (client: TestClient, headers: Headers) =>
  (await viewerBy(client, headers)).data?.viewer?.user.id === person.userId;
const refresh = async (refreshToken: string, headers: Headers) => {
  const { data } = await new TestClient(app, { headers }).send(documents.refreshSession, { input: { refreshToken } });
  return data.refreshSession;
};
const told = async (sessionId: string) =>
  (
    await rows.query<{ canonical: Buffer }>(
      `select canonical from (${appendedEvents}) as appended
       where session_id = $1 and type in ('session.binding_violated', 'session.revoked') order by part, place`,
      [sessionId],
    )
  ).map(({ canonical }) => {
    const { type, data, actor, subjectId } = JSON.parse(canonical.toString());
    return { type, data, actor: actor.kind, subjectId };
  });
const ended = (binding: string) => [
  { type: 'session.revoked', data: { reason: 'binding_violated' }, actor: 'anonymous', subjectId: person.userId },
  { type: 'session.binding_violated', data: { binding, ended: true }, actor: 'anonymous', subjectId: person.userId },
];

const thefts = [
  { binding: 'network', policy: { networkBinding: 'SUBNET' }, thief: elsewhere, where: 'from another network' },
  { binding: 'client', policy: { clientBinding: 'FAMILY' }, thief: otherBrowser, where: 'by another browser' },
] as const;

describe.each(thefts)('a session that is bound to its $binding and turns up $where', ({ binding, policy, thief }) => {
  beforeEach(() => setPolicy(policy));

  it('by a stolen cookie is nobody there, ends, and is told of once, however often it is tried at once', async () => {
    const { client, sessionId } = await signInWithCookie(app, person, { headers: home });
    expect(await serves(client, home)).toBe(true);
    const answers = await Promise.all(Array.from({ length: 20 }, () => viewerBy(client, thief)));
    expect(answers.map(({ status, data }) => [status, data?.viewer])).toEqual(Array(20).fill([200, null]));
    expect(await serves(client, home)).toBe(false);
    expect(await told(sessionId)).toEqual(ended(binding));
  });

  it('by a stolen access token is refused as one that ended', async () => {
    const { client, sessionId } = await signIn(app, person, { headers: home });
    expect(await serves(client, home)).toBe(true);
    const refused = await viewerBy(client, thief);
    const later = await viewerBy(client, home);
    expect([refused.status, later.status]).toEqual([401, 401]);
    expect(refused.errors?.[0]?.extensions['code']).toBe('ACCESS_TOKEN_INVALID');
    expect(refused.headers.get('www-authenticate')).toBe(later.headers.get('www-authenticate'));
    expect(await told(sessionId)).toEqual(ended(binding));
  });

  it('by a stolen refresh token gets nothing, and the session ends for both', async () => {
    const { client, refreshToken, sessionId } = await signIn(app, person, { headers: home });
    expect(await refresh(refreshToken, thief)).toEqual({ __typename: 'RefreshTokenInvalidError', code: 'REFRESH_TOKEN_INVALID' });
    expect((await refresh(refreshToken, home)).__typename).toBe('RefreshTokenInvalidError');
    expect(await serves(client, home)).toBe(false);
    expect(await told(sessionId)).toEqual(ended(binding));
  });

  it.each(['cookie', 'access token'])('over a WebSocket by a stolen %s is refused, and the owner’s socket closes', async (by) => {
    const { client, sessionId } = await (by === 'cookie' ? signInWithCookie : signIn)(app, person, { headers: home });
    const owner = openSocket(client, home);
    await expect.poll(() => owner.seen, patience).toBeGreaterThan(0);
    const stolen = openSocket(client, thief);
    await expect.poll(() => [stolen.closed, owner.closed], patience).toEqual([[4401], [4401]]);
    expect(stolen.seen).toBe(0);
    expect(await told(sessionId)).toEqual(ended(binding));
  });

  it('goes on with its owner, also while tokens rotate', async () => {
    const { client, refreshToken, sessionId } = await signIn(app, person, { headers: home });
    expect((await refresh(refreshToken, home)).__typename).toBe('RefreshSessionSuccess');
    expect(await serves(client, home)).toBe(true);
    expect(await told(sessionId)).toEqual([]);
  });
});

describe('a session that is bound to its network', () => {
  it.each([
    ['192.0.2.200', true],
    ['::ffff:192.0.2.9', true],
    ['::FFFF:c000:20a', true],
    ['192.0.3.7', false],
    ['2001:db8::1', false],
    // What a thief says of themselves stands before what the trusted proxy saw.
    ['192.0.2.7, 203.0.113.9', false],
  ])('from 192.0.2.7, used from %s: %s', async (address, expected) => {
    await setPolicy({ networkBinding: 'SUBNET' });
    const { client } = await signIn(app, person, { headers: home });
    expect(await serves(client, { ...home, 'x-forwarded-for': address })).toBe(expected);
  });

  it.each([
    ['2001:db8:1:2:ffff::1', true],
    ['2001:db8:1:3::1', false],
  ])('from 2001:db8:1:2::1, used from %s: %s', async (address, expected) => {
    await setPolicy({ networkBinding: 'SUBNET' });
    const { client } = await signIn(app, person, { headers: { ...home, 'x-forwarded-for': '2001:db8:1:2::1' } });
    expect(await serves(client, { ...home, 'x-forwarded-for': address })).toBe(expected);
  });

  it('and to a key does not end by a copy without the key', async () => {
    await setPolicy({ networkBinding: 'SUBNET' });
    const me = await signInBound(app, person);
    const copy = new TestClient(app, { accessToken: me.accessToken, headers: elsewhere });
    expect((await viewerBy(copy, {})).status).toBe(401);
    expect((await new TestClient(app).send(documents.viewer, undefined, boundHeaders(app, me))).status).toBe(200);
    const withKey = { ...boundHeaders(app, me), ...elsewhere };
    expect((await new TestClient(app).send(documents.viewer, undefined, withKey)).status).toBe(401);
    expect(await told(me.sessionId)).toEqual(ended('network'));
  });
});

describe('a session that is bound to its client', () => {
  it.each([
    ['a later version of it', { 'user-agent': firefox(141) }, true],
    ['it without Sec-CH-UA as a socket has it', { 'user-agent': chrome, 'sec-ch-ua': '"Brave";v="140"' }, false],
    ['nothing that says its name', { 'user-agent': '' }, false],
    ['it on another system', { 'user-agent': firefox(140).replace('X11; Linux x86_64', 'Windows NT 10.0; Win64; x64') }, false],
  ])('used by %s', async (_name, agent, expected) => {
    await setPolicy({ clientBinding: 'FAMILY' });
    const { client } = await signIn(app, person, { headers: home });
    expect(await serves(client, { ...home, ...agent })).toBe(expected);
  });
});

describe('an organisation that allows networks', () => {
  const office = ['192.0.2.0/25', '2001:db8:1::/48'];

  it('has a session refused outside, told of once an hour, and going on inside', async () => {
    await setPolicy({ allowedNetworks: office });
    const { client, refreshToken, sessionId } = await signIn(app, person, { headers: home });
    for (let index = 0; index < 5; index += 1) expect((await viewerBy(client, elsewhere)).status).toBe(401);
    expect((await refresh(refreshToken, elsewhere)).__typename).toBe('RefreshTokenInvalidError');
    expect(await serves(client, { ...home, 'x-forwarded-for': '2001:db8:1:ffff::1' })).toBe(true);
    expect((await refresh(refreshToken, home)).__typename).toBe('RefreshSessionSuccess');
    expect(await told(sessionId)).toEqual([
      {
        type: 'session.binding_violated',
        data: { binding: 'allowed_networks', ended: false },
        actor: 'anonymous',
        subjectId: person.userId,
      },
    ]);
  });

  it('lets no session begin outside, and says so to who knows the password only', async () => {
    await setPolicy({ allowedNetworks: office });
    const login = async (password: string) => {
      const { data } = await new TestClient(app, { headers: elsewhere }).send(documents.login, {
        input: { email: person.email, password, delivery: 'COOKIE' },
      });
      return data.login.code;
    };
    expect(await login('not the password at all')).toBe('INVALID_CREDENTIALS');
    expect(await login(goodPassword)).toBe('NETWORK_NOT_ALLOWED');
    const [refused] = await rows.query<{ canonical: Buffer }>(
      `select canonical from (${appendedEvents}) as appended where type = 'session.refused' and subject_id = $1`,
      [person.userId],
    );
    expect(JSON.parse(String(refused?.canonical)).data).toEqual({ reason: 'network' });
  });

  it('makes no device known by a sign-in that was refused: the first that succeeds by it is one by a new device', async () => {
    const visitor = await registeredPerson(app);
    await signIn(app, visitor, { headers: home });
    const outsider = new TestClient(app, { headers: { ...elsewhere, 'x-device-id': 'a-device-from-outside' } });
    const input = { email: visitor.email, password: visitor.password, delivery: 'TOKENS' };
    await setPolicy({ allowedNetworks: ['192.0.2.0/24'] });
    expect((await outsider.send(documents.login, { input })).data.login.__typename).toBe('NetworkNotAllowedError');
    await setPolicy({});
    const { data } = await outsider.send(documents.login, { input });
    const [succeeded] = await rows.query<{ canonical: Buffer }>(
      `select canonical from (${appendedEvents}) as appended where type = 'login.succeeded' and session_id = $1`,
      [data.login.viewer.session.id],
    );
    expect(JSON.parse(String(succeeded?.canonical)).data.signals).toEqual(['new_device']);
  });

  it.each([
    [['192.0.2.1/24'], 'input.allowedNetworks.0'],
    [['192.0.2.0/24', 'the office'], 'input.allowedNetworks.1'],
    [['203.0.113.0/24'], 'input.allowedNetworks'],
    [['::/0'], 'input.allowedNetworks'],
    [Array.from({ length: 33 }, (_, index) => `192.0.2.${index}/32`), 'input.allowedNetworks'],
  ])('can not say %j, nor shut out who says it', async (allowedNetworks, path) => {
    const { data } = await admin.send(documents.updateSessionPolicy, { input: { allowedNetworks } }, home);
    expect(data.updateSessionPolicy).toMatchObject({ __typename: 'InvalidInputError', fields: [{ path }] });
    expect(await rows.query('select allowed_networks from session_policies')).toEqual([{ allowed_networks: [] }]);
  });
});

const patience = { timeout: 5_000, interval: 10 };

function openSocket(client: TestClient, headers: Headers) {
  const state = { seen: 0, closed: [] as number[] };
  client
    .socket((code) => state.closed.push(code), headers)
    .subscribe(
      { query: documents.securityEvents, variables: { after: '0' } },
      {
        next: () => {
          state.seen += 1;
        },
        error: () => {},
        complete: () => {},
      },
    );
  return state;
}
