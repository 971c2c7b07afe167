import { describe, expect, it } from 'vitest';
import { isInRanges, parseAddressRange } from './address-ranges.ts';

describe('an address range', () => {
  it.each([
    ['192.0.2.0/24', '192.0.2.0/24'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['198.51.100.7/32', '198.51.100.7/32'],
    ['2001:DB8:0:0::/48', '2001:db8::/48'],
    ['::/0', '::/0'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['::ffff:192.0.2.0/120', '192.0.2.0/24'],
    ['::ffff:c000:200/120', '192.0.2.0/24'],
  ])('reads %s', (text, canonical) => {
    expect(parseAddressRange(text)).toBe(canonical);
  });

  it.each([
    '',
    '192.0.2.0',
    '192.0.2.1/24',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2/24',
    '010.0.0.0/8',
    '0xc0.0.2.0/24',
    '3221225984/24',
    '2001:db8::1/64',
    '2001:db8::/129',
    'fe80::1%eth0/128',
    '::ffff:192.0.2.0/90',
    ' 192.0.2.0/24',
    '192.0.2.0/24\n',
    '192.0.2.0/024x',
    'example.com/24',
  ])('refuses %j', (text) => {
    expect(parseAddressRange(text)).toBeNull();
  });
});

describe('an address', () => {
  const ranges = ['192.0.2.0/25', '2001:db8:1::/48', '0.0.0.0/32'];
  it.each([
    ['192.0.2.127', true],
    ['192.0.2.128', false],
    ['::ffff:192.0.2.1', true],
    ['::FFFF:c000:201', true],
    ['::ffff:192.0.2.200', false],
    ['2001:db8:1:ffff::1', true],
    ['2001:db8:2::1', false],
    ['', false],
    ['unknown', false],
    ['192.0.2.1, 203.0.113.1', false],
  ])('%j: %s', (address, expected) => {
    expect(isInRanges(address, ranges)).toBe(expected);
  });

  it('of one family is in no range of the other', () => {
    expect(isInRanges('192.0.2.1', ['::/0'])).toBe(false);
    expect(isInRanges('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
  });
});
