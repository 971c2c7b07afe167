import { isIP } from 'node:net';
import { z } from 'zod';
import { parseRedisServers } from '#platform/redis/redis-servers.ts';

/**
 * The kinds of value that a variable may hold. Each carries, as `expects`, the words that an error line and
 * docs/configuration.md use; the parser's own messages are never shown, because some of them quote the value.
 */

/** A whole number in plain decimal digits: no signs, no exponents, no hexadecimal. */
export function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(min).max(max))
    .meta({ expects: `a whole number from ${min} to ${max}` });
}

/** The longest duration that is accepted: ten years. A larger number is a slip of the unit. */
const longestSeconds = 315_360_000;

export function seconds(min: number, max: number = longestSeconds) {
  return whole(min, max).meta({ expects: `a whole number of seconds from ${min} to ${max}` });
}

export function milliseconds(min: number, max = 600_000) {
  return whole(min, max).meta({ expects: `a whole number of milliseconds from ${min} to ${max}` });
}

export function oneOf<const Choices extends readonly [string, ...string[]]>(choices: Choices) {
  return z.enum(choices).meta({ expects: `one of ${choices.join(', ')}` });
}

export function flag() {
  return z.stringbool().meta({ expects: 'true or false' });
}

export function text(min: number, expects: string) {
  return z.string().min(min).meta({ expects });
}

/** A URL of one of `schemes`, written without `://`. */
export function url(schemes: readonly string[]) {
  const allowed = schemes.map((scheme) => `${scheme}:`);
  return z
    .string()
    .refine((value) => allowed.includes(URL.parse(value)?.protocol ?? ''))
    .meta({ expects: `a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}` });
}

/** Kept as it is written: toConfig reads it again and wraps it as a secret. */
export function redisServers({ list }: { readonly list: boolean }) {
  return z
    .string()
    .refine((value) => parseRedisServers(value, { list }) !== null)
    .meta({
      expects: list
        ? 'URLs separated by commas, all of one scheme: redis://host:port or rediss://host:port for nodes of a Cluster, redis+sentinel://host:port/0?name=mymaster or rediss+sentinel://… for Sentinels'
        : 'redis://user:password@host:port/0, the same with rediss://, or redis+sentinel://user:password@host:port/0?name=mymaster with sentinelUsername and sentinelPassword if Sentinel asks for them; no other parameters',
    });
}

/** A web origin as browsers write it, or the same with a closing slash: no path, query, fragment or credentials. */
function isOrigin(value: string): boolean {
  const parsed = URL.parse(value);
  // A star is a legal host to the parser; here somebody meant a wildcard.
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.hostname.includes('*')) return false;
  return value === parsed.origin || value === `${parsed.origin}/`;
}

export function origin() {
  return z
    .string()
    .refine(isOrigin)
    .transform((value) => new URL(value).origin)
    .meta({ expects: 'an origin such as https://id.example.org: scheme and host in lower case, no path, query or credentials' });
}

function entriesOf(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

export function origins() {
  return z
    .string()
    .transform(entriesOf)
    .refine((entries) => entries.every(isOrigin))
    .transform((entries) => entries.map((entry) => new URL(entry).origin))
    .meta({ expects: 'origins such as https://app.example.org, separated by commas; no wildcard' });
}

const namedRanges = ['loopback', 'linklocal', 'uniquelocal'];

function isAddressRange(entry: string): boolean {
  if (namedRanges.includes(entry)) return true;
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  // A prefix of 0 trusts the whole internet to name its own address, which no deployment can mean.
  return /^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (family === 4 ? 32 : 128);
}

export function addressRanges() {
  return z
    .string()
    .transform(entriesOf)
    .refine((entries) => entries.every(isAddressRange))
    .meta({ expects: `addresses, CIDR ranges or the names ${namedRanges.join(', ')}, separated by commas` });
}

/** 32 bytes as base64url without padding. */
export function key() {
  return z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .transform((value) => Buffer.from(value, 'base64url'))
    .meta({ expects: '32 random bytes as base64url, 43 characters: `openssl rand -base64 32 | tr +/ -_ | tr -d =` prints one' });
}
