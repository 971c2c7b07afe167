import { type DescribeClient, unknownClient } from '#capabilities/devices/index.ts';
import type { RequestOrigin } from '#kernel/actor.ts';
import { networksOf } from '#platform/rate-limit/index.ts';
import { isInRanges } from './address-ranges.ts';
import type { Session } from './session.ts';

/** What a session can be bound to besides a key: the program and the network it began in, and the networks of the organisation. */
export type BrokenBinding = 'client' | 'network' | 'allowed_networks';

type Bound = Pick<Session, 'networkBinding' | 'clientBinding' | 'allowedNetworks' | 'ipAddress' | 'userAgent'>;
type From = Pick<RequestOrigin, 'ipAddress' | 'userAgent'>;

/** The first binding that does not hold for a request from there; null where all do, or none was asked for. */
export function brokenBinding(session: Bound, from: From, describeClient: DescribeClient): BrokenBinding | null {
  if (session.clientBinding !== null && !isSameClient(session.userAgent, from.userAgent, describeClient)) return 'client';
  if (session.networkBinding !== null && !isSameNetwork(session.ipAddress, from.ipAddress)) return 'network';
  if (session.allowedNetworks !== null && !isInRanges(from.ipAddress, session.allowedNetworks)) return 'allowed_networks';
  return null;
}

/**
 * Whether two addresses are in one network: of IPv4 the /24, since carriers hand their customers other addresses of one
 * while they go on; of IPv6 the /64, which is what one household or phone is given. What is no address is in none.
 */
export function isSameNetwork(one: string, other: string): boolean {
  const network = networkOf(one);
  return network !== null && network === networkOf(other);
}

export function networkOf(ipAddress: string): string | null {
  const { address, subnet } = networksOf(ipAddress);
  if (address === 'unknown') return null;
  return address.includes(':') ? address : subnet;
}

/**
 * Whether two User-Agent headers name one program on one system, of whatever versions. By that header alone: Sec-CH-UA
 * comes with some requests of a browser, but not with the handshake of a WebSocket. What names no known program has to stay
 * the same to the letter.
 */
function isSameClient(one: string, other: string, describeClient: DescribeClient): boolean {
  if (one === other) return true;
  const family = describeClient({ userAgent: one });
  return family !== unknownClient && family === describeClient({ userAgent: other });
}
