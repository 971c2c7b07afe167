import { describe, expect, it } from 'vitest';
import { networksOf } from './network.ts';

describe('networksOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.0/24'],
    ['2001:db8:1:2:aaaa::1', '2001:db8:1:2::/64', '2001:db8:1::/48'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64', 'fe80:0:0::/48'],
    ['', 'unknown', 'unknown'],
    ['not an address', 'unknown', 'unknown'],
  ])('of %j', (ipAddress, address, subnet) => {
    expect(networksOf(ipAddress)).toEqual({ address, subnet });
  });
});
