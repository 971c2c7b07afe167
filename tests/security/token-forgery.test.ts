import { createPrivateKey, sign } from 'node:crypto';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { Secret } from '#kernel/secret.ts';
import { createSealer } from '#platform/crypto/index.ts';
import { TestClient } from '#tests/support/client.ts';
import { type ForgedToken, forgeTokens } from '#tests/support/forged-tokens.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { misissueTokens } from '#tests/support/mis-issued-tokens.ts';
import { openRows } from '#tests/support/rows.ts';
import {
  documents,
  type Person,
  registeredPerson,
  type SignedIn,
  signIn,
  signInWithCookie,
  tokenOf,
} from '#tests/support/stories.ts';

let app: TestApp;
let person: Person;
let signedIn: SignedIn;
let lure: Server;
let visits = 0;
let publicJwk: Record<string, unknown>;
let signTruly: (headerText: string, payloadText: string) => string;

const env = { TRUST_PROXY: 'loopback' };
const encode = (text: string) => Buffer.from(text).toString('base64url');

beforeAll(async () => {
  app = await makeTestApp({ env });
  person = await registeredPerson(app);
  signedIn = await signIn(app, person);
  lure = createServer((_request, response) => {
    visits += 1;
    response.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => lure.once('listening', resolve));
  const keySet = (await (await fetch(`${app.url}/.well-known/jwks.json`)).json()) as { keys: Record<string, unknown>[] };
  publicJwk = keySet.keys[0] ?? {};
  signTruly = await openTrueKey();
});
afterAll(async () => {
  lure.closeAllConnections();
  await new Promise((resolve) => lure.close(resolve));
  await app.close();
});

/** What only the deployment can do: the true private key, taken out of its database by its master key. */
async function openTrueKey(): Promise<typeof signTruly> {
  const rows = await openRows(app);
  const [row] = await rows.query<{ id: string; private_key_sealed: Buffer }>('select id, private_key_sealed from signing_keys');
  await rows.close();
  if (!row) throw new Error('there is no signing key');
  const sealer = createSealer(new Secret(Buffer.from(app.masterKey, 'base64url')), 'signing-key');
  const key = createPrivateKey({ key: sealer.open(row.private_key_sealed, row.id), format: 'der', type: 'pkcs8' });
  return (headerText, payloadText) => {
    const signed = `${encode(headerText)}.${encode(payloadText)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
}

const lureUrl = () => `http://127.0.0.1:${(lure.address() as AddressInfo).port}/jwks.json`;
const forgedTokens = () => forgeTokens({ goodToken: signedIn.accessToken, publicJwk, lureUrl: lureUrl() });
const misissuedTokens = () =>
  misissueTokens({
    goodToken: signedIn.accessToken,
    sign: signTruly,
    nowSeconds: Math.floor(app.clock.now().getTime() / 1000),
  });

/** A token of the true key with other claims than the product gives. */
function withClaims(change: Readonly<Record<string, unknown>>): string {
  const [header = '', payload = ''] = signedIn.accessToken.split('.').map((part) => Buffer.from(part, 'base64url').toString());
  return signTruly(header, JSON.stringify({ ...JSON.parse(payload), ...change }));
}

/** Sends the header as it is, by plain node:http, and tells what came back: `status code`, or who cut it off. */
function viewerByHttp(token: string): Promise<string> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ query: documents.viewer });
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Bearer ${token}`,
    };
    try {
      const sent = request(`${app.url}/graphql`, { method: 'POST', headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.on('end', () => resolve(`${response.statusCode} ${codeIn(text)}`));
        response.on('error', () => resolve('cut off'));
      });
      sent.on('error', () => resolve('cut off'));
      sent.end(body);
    } catch {
      resolve('not sendable');
    }
  });
}

function codeIn(text: string): string {
  const answer = JSON.parse(text) as { code?: string; errors?: { extensions: { code: string } }[] };
  return answer.errors?.[0]?.extensions.code ?? answer.code ?? 'accepted';
}

/** The close code of a socket that presents the token, or `acknowledged`. */
function connectBySocket(authorization: unknown, headers: Readonly<Record<string, string>> = {}): Promise<number | string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization } })));
    socket.on('message', (data) => {
      resolve((JSON.parse(String(data)) as { type: string }).type === 'connection_ack' ? 'acknowledged' : String(data));
      socket.close();
    });
    socket.on('close', resolve);
    socket.on('error', reject);
  });
}

const refused = '401 ACCESS_TOKEN_INVALID';
/** Node reads no more than 16 KiB of headers, and ends the connection while the rest still comes. */
const tooLong = /^(431 HEADERS_TOO_LARGE|cut off)$/;
const longestHeader = 15_000;

async function notRefusedByHttp(tokens: readonly ForgedToken[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, token } of tokens) {
    const outcome = await viewerByHttp(token);
    if (token.length > longestHeader ? !tooLong.test(outcome) : outcome !== refused) wrong.push(`${name}: ${outcome}`);
  }
  return wrong;
}

const largestMessage = 60_000;

async function notRefusedBySocket(tokens: readonly ForgedToken[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, token } of tokens) {
    const outcome = await connectBySocket(`Bearer ${token}`);
    if (outcome !== (token.length > largestMessage ? 1009 : 4401)) wrong.push(`${name}: ${outcome}`);
  }
  return wrong;
}

describe('a token that was tampered with', () => {
  it('is refused at the HTTP door, whatever was done to it, and no address in it is visited', async () => {
    const tokens = forgedTokens();
    expect(tokens.length).toBeGreaterThanOrEqual(60);
    // The node knows the good one from now on, which must help none of the others.
    expect(await viewerByHttp(signedIn.accessToken)).toBe('200 accepted');
    expect(await notRefusedByHttp(tokens)).toEqual([]);
    expect(visits).toBe(0);
    expect(await viewerByHttp(signedIn.accessToken)).toBe('200 accepted');
  });

  it('is refused by connection_init of a socket, with the same result', async () => {
    expect(await notRefusedBySocket(forgedTokens())).toEqual([]);
    expect(visits).toBe(0);
    expect(await connectBySocket(`Bearer ${signedIn.accessToken}`)).toBe('acknowledged');
  });
});

describe('a token that the true key signed for another time, place or use', () => {
  it('is refused at the HTTP door', async () => {
    expect(await viewerByHttp(withClaims({}))).toBe('200 accepted');
    expect(await notRefusedByHttp(misissuedTokens())).toEqual([]);
  });

  it('is refused by connection_init of a socket', async () => {
    expect(await connectBySocket(`Bearer ${withClaims({})}`)).toBe('acknowledged');
    expect(await notRefusedBySocket(misissuedTokens().filter(({ token }) => token.length < largestMessage))).toEqual([]);
  });

  it.each([
    ['no session', undefined],
    ['null', null],
    ['a list with the session in it', 'list'],
    ['an unknown session', 'ses_1111111111111111111111'],
    ['a person', 'usr_1111111111111111111111'],
    ['SQL', "ses_' or '1'='1"],
    ['an object', { $ne: null }],
  ])('is refused when its session is %s', async (_name, sid) => {
    const claim = sid === 'list' ? [signedIn.sessionId] : sid;
    expect(await viewerByHttp(withClaims({ sid: claim }))).toBe(refused);
  });

  it('lives by the clock of the deployment: good until it expires, refused from then on, also with the tolerance of five seconds', async () => {
    const own = await makeTestApp({ env });
    const { client } = await signIn(own, await registeredPerson(own));
    own.clock.advance(290);
    expect((await client.send(documents.viewer)).status).toBe(200);
    own.clock.advance(16);
    expect((await client.send(documents.viewer)).errors?.[0]?.extensions['code']).toBe('ACCESS_TOKEN_INVALID');
    await own.close();
  });

  it('is refused by another deployment', async () => {
    const elsewhere = await makeTestApp({ env: { ...env, PUBLIC_URL: app.url } });
    const theirs = await signIn(elsewhere, await registeredPerson(elsewhere));
    expect((await theirs.client.send(documents.viewer)).status).toBe(200);
    await elsewhere.close();
    expect(await viewerByHttp(theirs.accessToken)).toBe(refused);
  });
});

describe('a secret of another kind', () => {
  it('is refused as a Bearer token: a refresh token, the token of a mailed link', async () => {
    const anonymous = new TestClient(app);
    await anonymous.send(documents.requestPasswordReset, { input: { email: person.email } });
    const reset = tokenOf(await app.mailbox.waitFor(person.email, /password/i));
    const confirmation = tokenOf(await app.mailbox.waitFor(person.email, /confirm/i));
    for (const token of [signedIn.refreshToken, reset, confirmation, signedIn.sessionId, person.userId, app.masterKey]) {
      expect(await viewerByHttp(token)).toBe(refused);
      expect(await connectBySocket(`Bearer ${token}`)).toBe(4401);
    }
  });

  it('signs nobody in from the cookie: an access token, a refresh token', async () => {
    const browser = await signInWithCookie(app, person);
    const name = browser.client.cookie?.split('=')[0];
    for (const token of [signedIn.accessToken, signedIn.refreshToken]) {
      const client = new TestClient(app);
      client.cookie = `${name}=${token}`;
      expect((await client.send(documents.viewer)).data).toEqual({ viewer: null });
      expect(await connectBySocket(undefined, { cookie: `${name}=${token}`, origin: app.url })).toBe(4401);
    }
    expect((await browser.client.send(documents.viewer)).data).toMatchObject({ viewer: { user: { id: person.userId } } });
  });

  it('signs nobody in from the address, where proxies and histories keep it (RFC 6750, 5.3)', async () => {
    const response = await fetch(`${app.url}/graphql?access_token=${signedIn.accessToken}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: documents.viewer, access_token: signedIn.accessToken }),
    });
    expect(await response.text()).not.toContain(person.userId);
  });
});

describe('connection_init', () => {
  it('with an authorization that is no text is refused, also where the cookie of the handshake would do', async () => {
    const { client } = await signInWithCookie(app, person);
    const headers = { cookie: client.cookie ?? '', origin: app.url };
    expect(await connectBySocket(undefined, headers)).toBe('acknowledged');
    for (const authorization of [null, 0, false, {}, [`Bearer ${signedIn.accessToken}`], ''])
      expect(await connectBySocket(authorization, headers), JSON.stringify(authorization)).toBe(4401);
  });

  it('with a dead token is refused, also where the cookie of the handshake would do', async () => {
    const { client } = await signInWithCookie(app, person);
    const headers = { cookie: client.cookie ?? '', origin: app.url };
    expect(await connectBySocket(`Bearer ${signedIn.accessToken.slice(0, -4)}AAAA`, headers)).toBe(4401);
  });
});
