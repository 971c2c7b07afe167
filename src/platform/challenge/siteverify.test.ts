import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { siteverifyProvider } from './siteverify.ts';

function setUp(kind: 'turnstile' | 'hcaptcha', answer: (init: RequestInit) => Promise<Response>, timeoutMs = 3_000) {
  const calls: { url: string; init: RequestInit }[] = [];
  const provider = siteverifyProvider({
    kind,
    siteKey: 'site',
    secret: new Secret('hidden'),
    logger: silent,
    timeoutMs,
    fetch: async (url, init = {}) => {
      calls.push({ url: String(url), init });
      return answer(init);
    },
  });
  return { provider, calls };
}
const answering =
  (body: unknown, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status });

describe('siteverifyProvider', () => {
  it.each([
    ['turnstile', 'https://challenges.cloudflare.com/turnstile/v0/siteverify'],
    ['hcaptcha', 'https://api.hcaptcha.com/siteverify'],
  ] as const)('asks %s at its one address', async (kind, url) => {
    const { provider, calls } = setUp(kind, answering({ success: true }));
    expect(provider.kind).toBe(kind);
    expect(await provider.issue()).toEqual({ siteKey: 'site' });
    expect(await provider.redeem('token', '192.0.2.1')).toBe(true);
    expect(calls[0]?.url).toBe(url);
    expect(calls[0]?.init.redirect).toBe('error');
    expect(String(calls[0]?.init.body)).toBe('secret=hidden&response=token&remoteip=192.0.2.1&sitekey=site');
  });

  it.each([
    ['a refusal', answering({ success: false })],
    ['an answer of another shape', answering({ success: 'yes' })],
    ['no JSON', async () => new Response('<html>')],
    ['an error status', answering({ success: true }, 500)],
    ['no answer', async () => Promise.reject(new Error('unreachable'))],
  ])('takes %s for not solved', async (_name, answer) => {
    expect(await setUp('turnstile', answer).provider.redeem('token', '')).toBe(false);
  });

  it('waits no longer than it may', async () => {
    const { provider } = setUp(
      'hcaptcha',
      ({ signal }) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      5,
    );
    expect(await provider.redeem('token', '')).toBe(false);
  });

  it('asks nobody about nothing, or about what is too long', async () => {
    const { provider, calls } = setUp('turnstile', answering({ success: true }));
    expect([await provider.redeem('', ''), await provider.redeem('x'.repeat(10_000), '')]).toEqual([false, false]);
    expect(calls).toEqual([]);
  });
});
