import ipaddr from 'ipaddr.js';

/** The two sizes of a neighbourhood that limits count by. */
export interface Networks {
  /** An IPv4 address, or the /64 of an IPv6 one, which is what one household or host is given. */
  readonly address: string;
  /** The /24 of an IPv4 address, the /48 of an IPv6 one, which is what one site is given (RFC 6177). */
  readonly subnet: string;
}

const unknown: Networks = { address: 'unknown', subnet: 'unknown' };

/** Never throws: all that is no address is counted as one. IPv4 in IPv6 clothes (RFC 4291, 2.5.5.2) is IPv4. */
export function networksOf(ipAddress: string): Networks {
  if (!ipaddr.isValid(ipAddress)) return unknown;
  const address = ipaddr.process(ipAddress);
  if (address instanceof ipaddr.IPv6) return { address: prefixOf(address, 4), subnet: prefixOf(address, 3) };
  return { address: address.toString(), subnet: `${address.octets.slice(0, 3).join('.')}.0/24` };
}

function prefixOf({ parts }: ipaddr.IPv6, groups: 3 | 4): string {
  return `${parts
    .slice(0, groups)
    .map((part) => part.toString(16))
    .join(':')}::/${groups * 16}`;
}
