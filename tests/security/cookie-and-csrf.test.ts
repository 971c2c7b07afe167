import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, type Person, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

const friend = 'https://app.example.org';
const idleSeconds = 3_600;
const absoluteSeconds = 7_200;
const foreignOrigins = [
  'https://attacker.example',
  'null',
  `${friend}.attacker.example`,
  'https://app.example.org:8443',
  'http://app.example.org',
  'https://other.example.org',
  `${friend}/`,
  friend.toUpperCase(),
  '',
];

let app: TestApp;
let rows: Rows;
let person: Person;
let cookie: string;
let sessionId: string;
beforeAll(async () => {
  app = await makeTestApp({
    env: {
      TRUST_PROXY: 'loopback',
      ALLOWED_ORIGINS: friend,
      SESSION_IDLE_TIMEOUT_SECONDS: String(idleSeconds),
      SESSION_ABSOLUTE_TIMEOUT_SECONDS: String(absoluteSeconds),
    },
  });
  rows = await openRows(app);
  person = await registeredPerson(app);
});
beforeEach(async () => {
  const signedIn = await signInWithCookie(app, person);
  cookie = signedIn.client.cookie ?? '';
  sessionId = signedIn.sessionId;
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly code: string | undefined;
  readonly text: string;
}

/** What a browser would send for a page: nothing is added to these headers. */
async function send(init: RequestInit, path = '/graphql'): Promise<Outcome> {
  const response = await fetch(`${app.url}${path}`, init);
  const text = await response.text();
  const code = /"code":"([A-Z_]+)"/.exec(text)?.[1];
  return { status: response.status, headers: response.headers, code, text };
}

function post(query: string, headers: Readonly<Record<string, string>>): Promise<Outcome> {
  return send({ method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }) });
}

/** Whether the session of the cookie still lives: what an attack on it would have ended. */
async function isAlive(): Promise<boolean> {
  const [row] = await rows.query<{ revoked_at: Date | null }>('select revoked_at from sessions where id = $1', [sessionId]);
  return row?.revoked_at === null;
}

const signedInAnswer = () => new RegExp(sessionId);

describe('the session cookie', () => {
  it('can be read by no script, sent over no plain connection, set by no other host, and is opaque', async () => {
    const answer = await new TestClient(app).send(documents.login, {
      input: { email: person.email, password: person.password, delivery: 'COOKIE' },
    });
    // The other one is the device's, which signs nobody in.
    const [device = '', header = '', ...more] = answer.headers.getSetCookie();
    expect(more).toEqual([]);
    expect(device).toMatch(
      /^__Host-sallyport-device=sdv_[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000$/,
    );
    const [pair, ...attributes] = header.split('; ');
    expect(pair).toMatch(/^__Host-sallyport=spt_[A-Za-z0-9_-]{43}$/);
    expect(attributes.sort()).toEqual(['HttpOnly', `Max-Age=${absoluteSeconds}`, 'Path=/', 'SameSite=Lax', 'Secure']);
    // The secret stands nowhere else, and no cache keeps the answer.
    expect(answer.text).not.toContain('spt_');
    expect(answer.data.login.tokens).toBeNull();
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('stands in the database as a hash only', async () => {
    const token = cookie.split('=')[1] ?? '';
    expect(await rows.textOf('sessions')).not.toContain(token.slice('spt_'.length));
  });

  it('that was planted beside the true one makes both worthless: nobody is signed in', async () => {
    const attacker = await signInWithCookie(app, await registeredPerson(app));
    for (const both of [`${cookie}; ${attacker.client.cookie}`, `${attacker.client.cookie}; ${cookie}`, `${cookie}; ${cookie}`]) {
      const { status, text } = await post(documents.viewer, { cookie: both, origin: app.url });
      expect(`${status} ${text}`).toBe('200 {"data":{"viewer":null}}');
    }
  });

  it('is not taken from a name that only looks like it', async () => {
    const token = cookie.split('=')[1] ?? '';
    for (const name of [
      'sallyport',
      '__host-sallyport',
      '__Secure-sallyport',
      ' __Host-sallyport ',
      '__Host-sallyport[]',
      'a__Host-sallyport',
    ])
      expect((await post(documents.viewer, { cookie: `${name}=${token}`, origin: app.url })).text, name).not.toMatch(
        signedInAnswer(),
      );
    // The control: white space around the pair, and other cookies beside it, are all right (RFC 6265, 5.2).
    const beside = await post(documents.viewer, { cookie: `theme=dark;  ${cookie} ; x=${token}`, origin: app.url });
    expect(beside.text).toMatch(signedInAnswer());
  });

  it('that was sent before the sign-in is not adopted by it (session fixation)', async () => {
    const planted = `__Host-sallyport=spt_${'A'.repeat(43)}`;
    const attackers = (await signInWithCookie(app, await registeredPerson(app))).client.cookie ?? '';
    for (const before of [planted, attackers]) {
      const victim = new TestClient(app);
      victim.cookie = before;
      await victim.send(documents.login, { input: { email: person.email, password: person.password, delivery: 'COOKIE' } });
      expect(victim.cookie).not.toBe(before);
      expect((await victim.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
      expect((await post(documents.viewer, { cookie: before, origin: app.url })).text).not.toContain(person.userId);
    }
  });

  it('is another one after each sign-in, and the one it replaces is worth nothing any more', async () => {
    const browser = new TestClient(app);
    browser.cookie = cookie;
    await browser.send(documents.login, { input: { email: person.email, password: person.password, delivery: 'COOKIE' } });
    expect(browser.cookie).not.toBe(cookie);
    expect((await post(documents.viewer, { cookie, origin: app.url })).text).toBe('{"data":{"viewer":null}}');
  });
});

describe('a page of somebody else, in the browser of a person who is signed in', () => {
  it.each(foreignOrigins)('can do nothing with the cookie from the origin "%s", not even read', async (origin) => {
    for (const document of [documents.logout, documents.revokeOtherSessions, documents.viewer]) {
      const { status, code, text } = await post(document, { cookie, origin });
      expect({ status, code }).toEqual({ status: 403, code: 'ORIGIN_REFUSED' });
      expect(text).not.toContain(person.email);
    }
    expect(await isAlive()).toBe(true);
  });

  it.each(['cross-site', 'same-site', 'none', 'nonsense'])(
    'is known by Sec-Fetch-Site: %s, where the browser sent no Origin',
    async (site) => {
      const { status, code } = await post(documents.logout, { cookie, 'sec-fetch-site': site });
      expect({ status, code }).toEqual({ status: 403, code: 'ORIGIN_REFUSED' });
      expect(await isAlive()).toBe(true);
    },
  );

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; application/json',
    undefined,
  ])('can send %s without asking first, and it is refused, whatever is in it and whoever sends it', async (type) => {
    const body = JSON.stringify({ query: documents.logout });
    for (const origin of ['https://attacker.example', app.url]) {
      const headers = { cookie, origin, ...(type === undefined ? {} : { 'content-type': type }) };
      // A Blob without a type: else fetch makes one up.
      const { status } = await send({ method: 'POST', headers, body: new Blob([body]) });
      expect(status).toBe(415);
    }
    expect(await isAlive()).toBe(true);
  });

  it('can bring its image or link nowhere: a GET needs a header that only a preflight allows', async () => {
    const path = `/graphql?query=${encodeURIComponent(documents.viewer)}`;
    for (const headers of [{ cookie }, { cookie, origin: app.url }, { cookie, 'sec-fetch-site': 'same-origin' }]) {
      const refused = await send({ headers }, path);
      expect({ status: refused.status, code: refused.code }).toEqual({ status: 400, code: 'PREFLIGHT_HEADER_REQUIRED' });
    }
    const preflight = { 'graphql-require-preflight': '1' };
    expect((await send({ headers: { cookie, origin: app.url, ...preflight } }, path)).text).toMatch(signedInAnswer());
    expect((await send({ headers: { cookie, origin: 'https://attacker.example', ...preflight } }, path)).code).toBe(
      'ORIGIN_REFUSED',
    );
  });

  it('changes nothing by GET, also with that header: 405', async () => {
    const path = `/graphql?query=${encodeURIComponent(documents.logout)}`;
    const { status, code } = await send({ headers: { cookie, origin: app.url, 'graphql-require-preflight': '1' } }, path);
    expect({ status, code }).toEqual({ status: 405, code: 'GRAPHQL_METHOD_NOT_ALLOWED' });
    expect(await isAlive()).toBe(true);
  });

  it('can not change the method by a header or a parameter', async () => {
    const headers = { cookie, origin: app.url, 'x-http-method-override': 'POST', 'graphql-require-preflight': '1' };
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const { status } = await send({ method, headers }, `/graphql?_method=POST&query=${encodeURIComponent(documents.logout)}`);
      expect(status).toBeGreaterThanOrEqual(400);
    }
    expect(await isAlive()).toBe(true);
  });
});

describe('a page of ours, or of an allowed origin', () => {
  it('acts with the cookie', async () => {
    for (const origin of [app.url, friend])
      expect((await post(documents.viewer, { cookie, origin })).text).toMatch(signedInAnswer());
    expect((await post(documents.viewer, { cookie, 'sec-fetch-site': 'same-origin' })).text).toMatch(signedInAnswer());
    // The Origin says more than the site: an allowed one is another site.
    expect((await post(documents.viewer, { cookie, origin: friend, 'sec-fetch-site': 'cross-site' })).text).toMatch(
      signedInAnswer(),
    );
    expect((await post(documents.logout, { cookie, origin: friend })).status).toBe(200);
    expect(await isAlive()).toBe(false);
  });
});

describe('CORS', () => {
  const allowHeaders = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith('access-control-'));
  const asking = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' };

  it.each(foreignOrigins)('lets the origin "%s" neither ask nor read', async (origin) => {
    const preflight = await send({ method: 'OPTIONS', headers: { origin, ...asking } });
    expect(allowHeaders(preflight.headers)).toEqual([]);
    const answer = await post(documents.viewer, { origin });
    expect(allowHeaders(answer.headers)).toEqual([]);
    expect(answer.headers.get('vary')).toMatch(/origin/i);
  });

  it('lets an allowed origin ask and read, by name and never by a wildcard', async () => {
    const preflight = await send({ method: 'OPTIONS', headers: { origin: friend, ...asking } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(friend);
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization.*content-type/);
    const answer = await post(documents.viewer, { origin: friend, cookie });
    expect(answer.headers.get('access-control-allow-origin')).toBe(friend);
    expect(answer.text).toMatch(signedInAnswer());
  });

  it('shows an allowed origin refusals too, so that its page can tell them apart', async () => {
    const answer = await post(documents.viewer, { origin: friend, authorization: 'Bearer nonsense' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe(friend);
  });
});

describe('an Authorization header', () => {
  it.each([
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    'Token abc',
    'abc',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer: abc',
    'Bearer  abc',
    'Bearer\tabc',
    'Bearer ä',
    'Bearer =',
    '',
    ' ',
  ])('"%s" is refused with 401, with and without a valid cookie: there is no falling back', async (authorization) => {
    for (const headers of [{ authorization }, { authorization, cookie, origin: app.url }]) {
      const answer = await post(documents.viewer, headers);
      expect({ status: answer.status, code: answer.code }).toEqual({ status: 401, code: 'ACCESS_TOKEN_INVALID' });
      expect(answer.headers.get('www-authenticate')).toBe(
        'Bearer error="invalid_token", DPoP error="invalid_token", algs="ES256 EdDSA"',
      );
    }
  });

  it('with a dead token is refused though a valid cookie comes along', async () => {
    const { client, accessToken } = await signIn(app, person);
    await client.send(documents.logout);
    for (const authorization of [`Bearer ${accessToken}`, `Bearer ${accessToken.slice(0, -4)}AAAA`])
      expect((await post(documents.logout, { authorization, cookie, origin: app.url })).code).toBe('ACCESS_TOKEN_INVALID');
    expect(await isAlive()).toBe(true);
  });

  it('with a valid token outranks the cookie, also for what it ends', async () => {
    const other = await signIn(app, await registeredPerson(app));
    const headers = { authorization: `Bearer ${other.accessToken}`, cookie, origin: app.url };
    expect((await post(documents.viewer, headers)).text).toContain(other.sessionId);
    expect((await post(documents.logout, headers)).text).toContain(other.sessionId);
    expect(await isAlive()).toBe(true);
  });

  it('takes the scheme in any case (RFC 9110, 11.1)', async () => {
    const { accessToken, sessionId: own } = await signIn(app, person);
    for (const scheme of ['bearer', 'BEARER'])
      expect((await post(documents.viewer, { authorization: `${scheme} ${accessToken}` })).text).toContain(own);
  });
});

describe('the handshake of a WebSocket', () => {
  /** The HTTP status of a refused handshake, or 101. */
  async function handshake(headers: Readonly<Record<string, string>>, path = '/graphql'): Promise<number | undefined> {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}${path}`, 'graphql-transport-ws', { headers });
    socket.on('error', () => {});
    return new Promise((resolve) => {
      socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.on('open', () => {
        resolve(101);
        socket.close();
      });
    });
  }

  it.each(foreignOrigins.filter((origin) => origin !== ''))(
    'from the origin "%s" is refused with 403, with and without a cookie',
    async (origin) => {
      expect(await handshake({ origin, cookie })).toBe(403);
      expect(await handshake({ origin })).toBe(403);
    },
  );

  it('from our own or an allowed origin is taken, and its cookie with it', async () => {
    for (const origin of [app.url, friend]) {
      const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers: { origin, cookie },
      });
      await once(socket, 'open');
      socket.send('{"type":"connection_init"}');
      const [message] = await once(socket, 'message');
      expect(String(message)).toBe('{"type":"connection_ack"}');
      socket.close();
    }
  });

  it('without an Origin, but from a page by what Sec-Fetch-Site says, gets no session by its cookie', async () => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      headers: { cookie, 'sec-fetch-site': 'cross-site' },
    });
    await once(socket, 'open');
    socket.send('{"type":"connection_init"}');
    const [code] = await once(socket, 'close');
    expect(code).toBe(4401);
  });
});
