/**
 * Decodes base64url strictly (RFC 7515, 2; RFC 4648, 3.5): no padding, no white space, no letter of plain base64, no stray
 * trailing bits. Gives undefined for anything else. Two texts never decode to the same bytes.
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Node's decoder forgives much; what it would have written itself is the only strict spelling.
  return bytes.toString('base64url') === text ? bytes : undefined;
}
