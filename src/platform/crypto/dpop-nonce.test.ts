import { describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createDpopNonces } from './dpop-nonce.ts';

function nonces(key = 'k'.repeat(32)) {
  let now = Date.parse('2026-01-31T12:00:00.000Z');
  const clock = { now: () => new Date(now) };
  return {
    ...createDpopNonces({ key: new Secret(Buffer.from(key)), clock }),
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

describe('a DPoP nonce', () => {
  it('changes every minute and is good for one minute after that', () => {
    const { current, isValid, pass } = nonces();
    const first = current();
    expect(first).toMatch(/^[A-Za-z0-9_-]{24}$/);
    pass(59);
    expect(current()).toBe(first);
    pass(1);
    expect(current()).not.toBe(first);
    expect(isValid(first)).toBe(true);
    pass(60);
    expect(isValid(first)).toBe(false);
  });

  it('is known to every node with the key, also to one whose clock is a little behind, and to nobody without it', () => {
    const [ahead, behind, stranger] = [nonces(), nonces(), nonces('x'.repeat(32))];
    ahead.pass(60);
    expect(behind.isValid(ahead.current())).toBe(true);
    expect(behind.isValid(stranger.current())).toBe(false);
    ahead.pass(60);
    expect(behind.isValid(ahead.current())).toBe(false);
  });

  it.each(['', 'x', 'é'.repeat(24)])('is not %j', (nonce) => {
    expect(nonces().isValid(nonce)).toBe(false);
  });
});
