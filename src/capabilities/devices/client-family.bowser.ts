import bowser from 'bowser';
import type { DescribeClient } from './devices.ports.ts';

// Longer values are cut: they describe, and the more text there is the longer its patterns take.
const longestUserAgent = 512;
const mostBrands = 10;

// The library also hands on what it does not know, as it came. These words go into mails: a header must not write them.
const browserNames: ReadonlySet<string> = new Set(Object.values(bowser.BROWSER_MAP));
const systemNames: ReadonlySet<string> = new Set(Object.values(bowser.OS_MAP));

/** "Firefox on Windows", "curl", "Unknown device". A hint for the eye: anybody can send any header. */
export const describeClient: DescribeClient = ({ userAgent, brands = '' }) => {
  const agent = userAgent.slice(0, longestUserAgent);
  if (agent === '') return unknownClient;
  const { browser, os } = bowser.parse(agent, { brands: readBrands(brands) });
  const name = browser.name !== undefined && browserNames.has(browser.name) ? browser.name : productOf(agent);
  const system = os.name !== undefined && systemNames.has(os.name) ? os.name : undefined;
  if (!name) return system ? `A browser on ${system}` : unknownClient;
  return system ? `${name} on ${system}` : name;
};

/** What says nothing of itself that is known: many programs, so none is another for being one. */
export const unknownClient = 'Unknown device';

/** The list of Sec-CH-UA (User-Agent Client Hints, 3.1): by it a browser that goes by another's User-Agent says its own name. */
function readBrands(header: string): { brand: string; version: string }[] {
  const entries = header.slice(0, longestUserAgent).matchAll(/"([^"\\]{1,64})"\s*;\s*v="(\d{1,8})"/g);
  return [...entries].slice(0, mostBrands).map(([, brand = '', version = '']) => ({ brand, version }));
}

/** Programs name themselves as product/version (RFC 9110, 10.1.5). One word without dots, which no mail program makes a link of. */
function productOf(agent: string): string | undefined {
  const product = /^([A-Za-z][\w-]{0,30})(?:\/|$)/.exec(agent)?.[1];
  return product === 'Mozilla' ? undefined : product;
}
