import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { ask, post, type RawAnswer, request } from '#tests/support/raw-http.ts';
import { documents, goodPassword, registeredPerson } from '#tests/support/stories.ts';

/**
 * Poisoning through Host: whoever controls the header a link or a redirect is made of owns the link in somebody else's mail
 * (password reset poisoning), or the page in a shared cache.
 */

const publicUrl = 'https://id.example.org';
const evil = 'attacker.example';

let app: TestApp;
beforeAll(async () => {
  // A proxy is trusted, so that the forwarding headers would count if anything read them.
  app = await makeTestApp({ env: { PUBLIC_URL: publicUrl, TRUST_PROXY: 'loopback' } });
});
afterAll(() => app.close());

const poisons: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['Host', { host: evil }],
  ['Host with a port', { host: `id.example.org:1@${evil}` }],
  ['X-Forwarded-Host', { 'x-forwarded-host': evil }],
  ['X-Forwarded-Host and -Proto', { 'x-forwarded-host': evil, 'x-forwarded-proto': 'http' }],
  ['Forwarded', { forwarded: `host=${evil};proto=http` }],
  ['X-Host and its kind', { 'x-host': evil, 'x-original-host': evil, 'x-http-host-override': evil, 'x-forwarded-server': evil }],
  ['X-Original-URL and X-Rewrite-URL', { 'x-original-url': `//${evil}/`, 'x-rewrite-url': `//${evil}/` }],
];

const send = (document: string, variables: object, headers: Readonly<Record<string, string>>) =>
  ask(app.url, post(JSON.stringify({ query: document, variables }), headers));

describe('links in mails', () => {
  it.each(poisons)('of a sign-up come from PUBLIC_URL, whatever %s says', async (name, headers) => {
    const email = `poisoned-${name.toLowerCase().replaceAll(/[^a-z]/g, '')}@example.com`;
    await send(documents.register, { input: { email, password: goodPassword, displayName: 'Ada' } }, headers);
    // A Host that is none is refused; then nothing is mailed at all.
    if (headers['host']?.includes('@')) return;
    const { links, text } = await app.mailbox.waitFor(email, /confirm/i);
    expect(links.map((link) => new URL(link).origin)).toEqual([publicUrl]);
    expect(text).not.toContain(evil);
  });

  it.each(poisons.filter(([, { host }]) => !host?.includes('@')))(
    'of a reset come from PUBLIC_URL, whatever %s says',
    async (_name, headers) => {
      const person = await registeredPerson(app);
      const answer = await send(documents.requestPasswordReset, { input: { email: person.email } }, headers);
      expect(answer.body).toContain('RequestPasswordResetSuccess');
      const { links, text } = await app.mailbox.waitFor(person.email, /new password/i);
      expect(new Set(links.map((link) => new URL(link).origin))).toEqual(new Set([publicUrl]));
      expect(text).not.toContain(evil);
    },
  );
});

const doors: readonly (readonly [string, string])[] = [
  ['a page', '/'],
  ['a page of a link', '/reset-password?x=y'],
  ['a doubled slash', `//${evil}/`],
  ['a doubled slash that goes up', `//${evil}/%2e%2e`],
  ['a target in absolute form', `http://${evil}/`],
  ['the key set', '/.well-known/jwks.json'],
  ['the mailbox', '/dev/mailbox.json'],
  ['GraphQL without a query', '/graphql'],
  ['what is not there', '/nothing'],
  ['liveness', '/health/live'],
];

/** What a cache would keep: all but what differs from answer to answer. */
function kept({ status, headers, body }: RawAnswer) {
  const { date: _date, 'x-request-id': id = '-', ratelimit: _ownCount, ...others } = headers;
  return { status, headers: others, body: body.replaceAll(id, '-') };
}

describe('answers that a shared cache might keep', () => {
  it.each(doors)('are the same for every Host: %s', async (_door, target) => {
    const honest = kept(await ask(app.url, request('GET', target, { host: 'id.example.org' })));
    expect(honest.headers).not.toHaveProperty('location');
    for (const [name, headers] of poisons) {
      const poisoned = kept(await ask(app.url, request('GET', target, { host: 'id.example.org', ...headers })));
      // Refused is as good as the same, as long as no cache keeps the refusal.
      const isRefused = poisoned.status === 400 || (poisoned.status === 404 && honest.status === 200);
      if (isRefused) expect(poisoned.headers['cache-control']).toBe('no-store');
      else expect([name, poisoned]).toEqual([name, honest]);
      expect(JSON.stringify(poisoned)).not.toContain(evil);
    }
  });

  it('are told to be kept only where they are the same for everybody', async () => {
    for (const [, target] of doors) {
      const { status, headers } = await ask(app.url, request('GET', target));
      const caching = headers['cache-control'] ?? '';
      if (status === 200 && /public/.test(caching)) expect(target).toBe('/.well-known/jwks.json');
      else expect([target, caching]).toEqual([target, expect.stringMatching(/^(no-store|no-cache)$/)]);
    }
    const answer = await new TestClient(app).send(documents.viewer);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});
