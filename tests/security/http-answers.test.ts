import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, registeredPerson, signInWithCookie } from '#tests/support/stories.ts';

let app: TestApp;
let cookie: string;
beforeAll(async () => {
  app = await makeTestApp();
  cookie = (await signInWithCookie(app, await registeredPerson(app))).client.cookie ?? '';
});
afterAll(() => app.close());

interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** By node:http, since fetch knows fewer methods. */
async function ask({ method = 'GET', path, headers = {}, body }: Asked) {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(`${app.url}${path}`, { method, headers }, resolve).on('error', reject).end(body);
  });
  return { status: response.statusCode ?? 0, headers: response.headers, text: await text(response) };
}

const json = { 'content-type': 'application/json' };
const graphql = (query: string, headers: Readonly<Record<string, string>> = {}): Asked => ({
  method: 'POST',
  path: '/graphql',
  headers: { ...json, ...headers },
  body: JSON.stringify({ query }),
});

describe('a method that no door here knows', () => {
  it.each(['TRACE', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'REPORT'])('is refused everywhere: %s', async (method) => {
    for (const path of ['/graphql', '/', '/health/live', '/.well-known/jwks.json', '/metrics', '/dev/mailbox.json']) {
      const answer = await ask({ method, path, headers: { 'x-secret': 'hunter2', cookie } });
      expect([404, 405], `${method} ${path}`).toContain(answer.status);
      // TRACE would send back what only the browser knows (cross-site tracing).
      expect(answer.text).not.toMatch(/hunter2|spt_/);
    }
  });

  it('is not named by a preflight either', async () => {
    const asked = { origin: app.url, 'access-control-request-method': 'PUT' };
    const { headers } = await ask({ method: 'OPTIONS', path: '/graphql', headers: asked });
    expect(headers['access-control-allow-methods']).toBe('GET, POST, OPTIONS');
  });
});

describe('every answer', () => {
  const answers: readonly (readonly [string, Asked, RegExp])[] = [
    ['of the API', graphql('{ __typename }'), /^application\/(graphql-response\+)?json; charset=utf-8$/],
    ['of the API that refuses', graphql('{'), /^application\/(graphql-response\+)?json; charset=utf-8$/],
    ['of a path that there is not', { path: '/nothing' }, /^application\/problem\+json(; charset=utf-8)?$/],
    ['about the health', { path: '/health/ready' }, /^application\/json; charset=utf-8$/],
    ['with the key set', { path: '/.well-known/jwks.json' }, /^application\/(jwk-set\+)?json(; charset=utf-8)?$/],
    ['with metrics', { path: '/metrics' }, /^text\/plain; .*charset=utf-8/],
    ['with a page', { path: '/' }, /^text\/html; charset=utf-8$/],
  ];

  it.each(answers)('says what it is and in which encoding: one %s', async (_what, asked, contentType) => {
    const { headers, text: body } = await ask(asked);
    expect(body).not.toBe('');
    expect(headers['content-type']).toMatch(contentType);
    expect(headers['x-content-type-options']).toBe('nosniff');
    if (/json/.test(headers['content-type'] ?? '')) JSON.parse(body);
  });

  it.each([
    ['who is signed in', () => graphql(documents.viewer, { cookie, origin: app.url })],
    ['a refusal', () => graphql(documents.viewer, { authorization: 'Bearer nonsense' })],
    ['the mail of development', () => ({ path: '/dev/mailbox.json' })],
  ])('that is meant for one reader alone is kept by no cache: %s', async (_what, asked) => {
    const { headers, text: body } = await ask(asked());
    expect(body).not.toBe('');
    expect(headers['cache-control']).toBe('no-store');
  });
});
