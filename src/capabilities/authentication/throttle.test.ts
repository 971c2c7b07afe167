import { describe, expect, it } from 'vitest';
import { networkOf, throttlePolicies, waitAfter } from './throttle.ts';

describe('waitAfter', () => {
  const { loginAccount } = throttlePolicies;

  it('lets the free attempts pass, then doubles up to the longest wait', () => {
    expect([1, 5, 6, 7, 8, 9].map((attempts) => waitAfter(loginAccount, attempts))).toEqual([0, 0, 1, 2, 4, 8]);
    expect(waitAfter(loginAccount, 1_000_000)).toBe(loginAccount.longestWaitSeconds);
  });
});

describe('networkOf', () => {
  it('counts all addresses of a household as one: the /64 of an IPv6 address', () => {
    expect(networkOf('2001:db8:1:2:aaaa::1')).toBe(networkOf('2001:db8:1:2:bbbb::2'));
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
  });

  it('knows an IPv4 address in IPv6 clothes', () => {
    expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  });

  it('throws at nothing', () => {
    expect(networkOf('not an address')).toBe('unknown');
  });
});
