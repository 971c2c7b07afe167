const unreserved = /[A-Za-z0-9._~-]/;

/**
 * An http(s) URL without query and fragment in the one spelling that RFC 3986, 6.2.2 and 6.2.3 give all that mean the same:
 * scheme and host in lower case, no default port, no dot segments, escapes in upper case and only where needed. Undefined
 * for anything else, also for what only a browser would take for a URL, and for one with a name or password in it.
 */
export function normaliseHttpTarget(text: string): string | undefined {
  // The parser drops tabs and takes a backslash for a slash; RFC 3986 knows neither.
  if (text.length > 2_048 || !/^https?:\/\/[!-~]+$/i.test(text) || text.includes('\\')) return undefined;
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text)) return undefined;
  const path = url.pathname.replace(/%([0-9a-f]{2})/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return unreserved.test(character) ? character : escaped.toUpperCase();
  });
  return `${url.protocol}//${url.host}${path}`;
}
