import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '#kernel/ids.ts';
import { TestClient } from '#tests/support/client.ts';
import { type BoundSession, boundHeaders, DpopKey, signInBound } from '#tests/support/dpop.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  documents,
  type Person,
  registeredPerson,
  type SignedIn,
  signedInAdmin,
  signIn,
  signInWithCookie,
} from '#tests/support/stories.ts';

let app: TestApp;
let rows: Rows;
let owner: Person;
let person: Person;
let service: SignedIn;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock() });
  rows = await openRows(app);
  ({ person: owner, ...service } = await signedInAdmin(app));
  person = await registeredPerson(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

type Headers = Readonly<Record<string, string>>;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const bearer = (accessToken: string): Headers => ({ authorization: `Bearer ${accessToken}` });
const path = () => `${app.url}/oauth/introspect`;
const post = (body: string, headers: Headers) => fetch(path(), { method: 'POST', headers: { ...form, ...headers }, body });
const ask = (token: string, headers: Headers = bearer(service.accessToken)) =>
  post(new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(), headers);
const introspect = async (token: string) => (await ask(token)).json();
const refresh = (refreshToken: string) => new TestClient(app).send(documents.refreshSession, { input: { refreshToken } });
const tokenOfCookie = ({ cookie }: TestClient) => cookie?.split('=')[1] ?? '';

describe('POST /oauth/introspect', () => {
  it('tells whose a good token is, how it was earned and what it is bound to', async () => {
    const me = await signInBound(app, person);
    const common = {
      active: true,
      sub: person.userId,
      sid: me.sessionId,
      org: expect.stringMatching(/^org_/),
      amr: ['pwd'],
      acr: 'urn:sallyport:aal1',
      auth_time: expect.any(Number),
      cnf: { jkt: me.key.thumbprint },
    };
    const nowSeconds = Math.floor(app.clock.now().getTime() / 1000);
    expect(await introspect(me.accessToken)).toEqual({
      ...common,
      token_use: 'access_token',
      token_type: 'DPoP',
      exp: nowSeconds + 300,
      iat: nowSeconds,
      iss: app.url,
      aud: expect.any(String),
      client_id: 'first-party',
      jti: expect.stringMatching(/^jti_/),
    });
    expect(await introspect(me.refreshToken)).toEqual({ ...common, token_use: 'refresh_token', exp: expect.any(Number) });
    const { client, sessionId } = await signInWithCookie(app, person);
    const { cnf: _, ...unbound } = common;
    expect(await introspect(tokenOfCookie(client))).toEqual({
      ...unbound,
      sid: sessionId,
      token_use: 'session_token',
      exp: expect.any(Number),
    });
  });

  it('is never kept by a cache, and keeps no session alive', async () => {
    const me = await signIn(app, person);
    app.clock.advance(120);
    const answer = await ask(me.accessToken);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const [{ idle } = { idle: false }] = await rows.query<{ idle: boolean }>(
      'select last_used_at = created_at as idle from sessions where id = $1',
      [me.sessionId],
    );
    expect(idle).toBe(true);
  });

  it('tells of a token that is worth nothing, or is none, that it is inactive and nothing else', async () => {
    const me = await signIn(app, person);
    const used = await signIn(app, person);
    await refresh(used.refreshToken);
    const revoked = await signIn(app, person);
    await revoked.client.send(documents.logout);
    const { client: browser } = await signInWithCookie(app, person);
    const cookie = tokenOfCookie(browser);
    await browser.send(documents.logout);
    const suspended = await registeredPerson(app);
    const theirs = await signIn(app, suspended);
    await rows.query(`update users set status = 'suspended' where id = $1`, [suspended.userId]);
    const worthless = [
      'nonsense',
      ' ',
      `srt_${'A'.repeat(43)}`,
      `spt_${'A'.repeat(43)}`,
      `${me.accessToken.slice(0, -4)}AAAA`,
      'x'.repeat(60_000),
      `${'a'.repeat(20_000)}.${'b'.repeat(20_000)}.${'c'.repeat(20_000)}`,
      used.refreshToken,
      revoked.accessToken,
      revoked.refreshToken,
      cookie,
      theirs.accessToken,
      theirs.refreshToken,
    ];
    for (const token of worthless) {
      const answer = await ask(token);
      expect([answer.status, await answer.text()], token.slice(0, 12)).toEqual([200, '{"active":false}']);
    }
  });

  it('tells nothing of tokens of another organisation, whatever permissions who asks has in their own', async () => {
    const me = await signIn(app, person);
    const { client } = await signInWithCookie(app, person);
    const other = newId('org');
    await rows.query(`insert into organisations (id, slug, name, created_at) values ($1, 'other', 'Other', now())`, [other]);
    const stranger = await signIn(app, owner);
    await rows.query('insert into roles (id, organisation_id, name, description, created_at) values ($1, $2, $3, $3, now())', [
      newId('rol'),
      other,
      'owner',
    ]);
    await rows.query(`insert into role_permissions select id, '*:*' from roles where organisation_id = $1`, [other]);
    await rows.query('insert into memberships (id, user_id, organisation_id, created_at) values ($1, $2, $3, now())', [
      newId('mem'),
      owner.userId,
      other,
    ]);
    await rows.query(
      'insert into role_assignments (user_id, organisation_id, role_id, created_at) select $1, $2, id, now() from roles where organisation_id = $2',
      [owner.userId, other],
    );
    // By a session of theirs in the other organisation, which no door makes yet.
    await rows.query('update sessions set organisation_id = $1 where id = $2', [other, stranger.sessionId]);
    for (const token of [me.accessToken, me.refreshToken, tokenOfCookie(client)]) {
      expect(await (await ask(token, bearer(stranger.accessToken))).json()).toEqual({ active: false });
      expect(await introspect(token)).toMatchObject({ active: true });
    }
    expect(await (await ask(stranger.accessToken, bearer(stranger.accessToken))).json()).toMatchObject({ org: other });
    expect(await introspect(stranger.accessToken)).toEqual({ active: false });
  });

  it('does not tell a token to live longer than its session was cut to', async () => {
    const me = await signIn(app, person);
    const end = new Date(app.clock.now().getTime() + 60_000);
    await rows.query('update sessions set expires_at = $1 where id = $2', [end, me.sessionId]);
    for (const token of [me.accessToken, me.refreshToken])
      expect(await introspect(token)).toMatchObject({ exp: Math.floor(end.getTime() / 1000) });
  });
});

describe('who asks', () => {
  const bearerChallenge = (parameters: string) => new RegExp(`^Bearer${parameters}, DPoP`);

  it('without a credential, by a cookie or by the form is told how to bring one', async () => {
    const { client } = await signInWithCookie(app, owner);
    const token = service.accessToken;
    for (const [body, headers] of [
      [`token=${token}`, {}],
      [`token=${token}`, { cookie: String(client.cookie), origin: app.url }],
      [`token=${token}&access_token=${token}`, {}],
    ] as const) {
      const answer = await post(body, headers);
      expect([answer.status, await answer.text()]).toEqual([401, '']);
      expect(answer.headers.get('www-authenticate')).toMatch(bearerChallenge(''));
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });

  it('by a token that is no access token, or is worth nothing, is told invalid_token', async () => {
    const gone = await signIn(app, owner);
    await gone.client.send(documents.logout);
    const bound = await signInBound(app, owner);
    for (const headers of [
      bearer('nonsense'),
      bearer(service.refreshToken),
      bearer(gone.accessToken),
      bearer(bound.accessToken),
      { authorization: 'Basic b3duZXI6c2VjcmV0' },
    ]) {
      const answer = await ask(service.accessToken, headers);
      expect([answer.status, await answer.json()]).toEqual([401, { error: 'invalid_token' }]);
      expect(answer.headers.get('www-authenticate')).toMatch(bearerChallenge(' error="invalid_token"'));
    }
  });

  it('without the permission is told so, also about tokens of their own and about nothing', async () => {
    const me = await signIn(app, person);
    for (const body of [`token=${me.accessToken}`, `token=${service.accessToken}`, 'token=nonsense', 'token=', 'other=1']) {
      const answer = await post(body, bearer(me.accessToken));
      expect([answer.status, await answer.json()], body.slice(0, 14)).toEqual([403, { error: 'insufficient_scope' }]);
      expect(answer.headers.get('www-authenticate')).toMatch(
        bearerChallenge(' error="insufficient_scope", scope="token:introspect"'),
      );
    }
  });

  it('as an administrator of an organisation from before the permission was there may, too', async () => {
    const held = () =>
      rows.query(`select name from roles join role_permissions on role_id = id where permission = 'token:introspect'`);
    expect(await held()).toEqual([{ name: 'admin' }]);
    await rows.query(`delete from role_permissions where permission = 'token:introspect'`);
    const migration = join('prisma/migrations', '20261128141310_token_introspection_permission');
    const sql = await readFile(join(migration, 'migration.sql'), 'utf8');
    for (let time = 0; time < 2; time += 1) await rows.query(sql);
    expect(await held()).toEqual([{ name: 'admin' }]);
  });

  it('as an administrator may, with a proof by the key where the token is bound to one', async () => {
    await rows.query(
      `insert into role_assignments (user_id, organisation_id, role_id, created_at)
       select $1, organisation_id, id, now() from roles where name = 'admin'`,
      [person.userId],
    );
    const me = await signInBound(app, person);
    const proven = (who: BoundSession, url = path(), method = 'POST') => boundHeaders(app, who, { url, method });
    expect(await (await ask(service.accessToken, proven(me))).json()).toMatchObject({ active: true, sub: owner.userId });
    for (const headers of [
      proven(me, `${app.url}/graphql`),
      proven(me, path(), 'GET'),
      proven({ ...me, key: new DpopKey() }),
      { authorization: `DPoP ${me.accessToken}` },
    ])
      expect((await ask(service.accessToken, headers)).status).toBe(401);
    await rows.query(
      `delete from role_assignments where user_id = $1 and role_id in (select id from roles where name = 'admin')`,
      [person.userId],
    );
    expect((await ask(service.accessToken, proven(me))).status).toBe(403);
  });

  it.each([
    ['no token', 'token_type_hint=access_token'],
    ['an empty token', 'token='],
    ['a token twice', 'token=a&token=b'],
  ])('with %s is told invalid_request', async (_, body) => {
    const answer = await post(body, bearer(service.accessToken));
    expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }]);
  });

  it('otherwise than by a posted form is not read', async () => {
    const headers = bearer(service.accessToken);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x']) {
      const answer = await post(JSON.stringify({ token: service.accessToken }), { ...headers, 'content-type': type });
      expect(answer.status, type).toBe(415);
    }
    expect((await fetch(`${path()}?token=${service.accessToken}`, { headers })).status).toBe(404);
  });
});
