import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hashOpaqueToken, isOpaqueToken, newOpaqueToken } from './opaque-token.ts';

describe('newOpaqueToken', () => {
  it('has its prefix and 256 bits that do not repeat', () => {
    const tokens = Array.from({ length: 200 }, () => newOpaqueToken('rt').reveal());
    for (const token of tokens) expect(token).toMatch(/^rt_[A-Za-z0-9_-]{43}$/);
    expect(new Set(tokens).size).toBe(200);
    expect(Buffer.from((tokens[0] ?? '').slice(3), 'base64url')).toHaveLength(32);
  });

  it('does not print itself', () => {
    const token = newOpaqueToken('rt');
    expect(`${token} ${JSON.stringify({ token })} ${inspect({ token })}`).not.toContain('rt_');
  });

  it('refuses a prefix that would make tokens ambiguous', () => {
    for (const prefix of ['', 'RT', '1a', 'a-b', 'a b', '_a']) expect(() => newOpaqueToken(prefix), prefix).toThrow(RangeError);
  });
});

describe('isOpaqueToken', () => {
  const token = newOpaqueToken('rt').reveal();

  it('knows every token that was made for the prefix', () => {
    for (let made = 0; made < 100; made += 1) expect(isOpaqueToken('rt', newOpaqueToken('rt').reveal())).toBe(true);
  });

  it.each([
    ['another prefix', 'ac', token],
    ['a longer prefix', 'r', token],
    ['one character less', 'rt', token.slice(0, -1)],
    ['one character more', 'rt', `${token}A`],
    ['a line break at the end', 'rt', `${token}\n`],
    ['white space before', 'rt', ` ${token}`],
    ['padding', 'rt', `${token.slice(0, -1)}=`],
    ['stray trailing bits', 'rt', `${token.slice(0, -1)}B`],
    ['no string', 'rt', [token]],
    ['nothing', 'rt', undefined],
  ])('refuses %s', (_, prefix, value) => {
    expect(isOpaqueToken(prefix, value)).toBe(false);
  });
});

describe('hashOpaqueToken', () => {
  it('is SHA-256 of the whole token', () => {
    expect(hashOpaqueToken('rt_abc')).toEqual(createHash('sha256').update('rt_abc').digest());
  });
});
