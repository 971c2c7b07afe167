import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

const shape = /^([0-9a-f:.]{2,45})\/(\d{1,3})$/i;
const mapped = ipaddr.IPv6.parseCIDR('::ffff:0:0/96');

/**
 * Reads an address range in CIDR notation (RFC 4632, 3.1; RFC 4291, 2.3) and gives its one way of writing it; null for what
 * is none. Bits beyond the prefix are no range: whoever writes them may mean another one. IPv4 in IPv6 clothes is IPv4.
 */
export function parseAddressRange(text: string): string | null {
  const [, address = '', length = ''] = shape.exec(text) ?? [];
  const prefix = Number(length);
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return written(ipaddr.IPv4.parse(address), prefix, 32);
  if (!ipaddr.IPv6.isValid(address)) return null;
  const ipv6 = ipaddr.IPv6.parse(address);
  if (!ipv6.match(mapped)) return written(ipv6, prefix, 128);
  return prefix < 96 ? null : written(ipv6.toIPv4Address(), prefix - 96, 32);
}

function written(address: ipaddr.IPv4 | ipaddr.IPv6, prefix: number, most: number): string | null {
  if (prefix > most) return null;
  const bytes = address.toByteArray();
  const beyond = bytes.some((byte, index) => (byte & (0xff >> Math.min(8, Math.max(0, prefix - 8 * index)))) !== 0);
  return beyond ? null : `${address.toString()}/${prefix}`;
}

// Those of few organisations, which each request of theirs asks again.
const mostParsed = 1_000;
const parsed = new LRUCache<string, readonly [ipaddr.IPv4 | ipaddr.IPv6, number][]>({ max: mostParsed });

/** Whether an address is in one of these ranges, which `parseAddressRange` has read. What is no address is in none. */
export function isInRanges(ipAddress: string, ranges: readonly string[]): boolean {
  if (!ipaddr.isValid(ipAddress)) return false;
  const address = ipaddr.process(ipAddress);
  return parsedRanges(ranges).some(([range, prefix]) => address.kind() === range.kind() && address.match(range, prefix));
}

function parsedRanges(ranges: readonly string[]) {
  const key = ranges.join();
  const known = parsed.get(key);
  if (known) return known;
  const fresh = ranges.map((range) => ipaddr.parseCIDR(range));
  parsed.set(key, fresh);
  return fresh;
}
