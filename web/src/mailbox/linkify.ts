export interface TextPart {
  /** Where in the text it stands. */
  readonly at: number;
  readonly text: string;
  /** Null for plain text. */
  readonly href: string | null;
}

/** Cuts a mail's text where one of its links stands. Only web addresses become links, whatever the mail names. */
export function linkify(text: string, links: readonly string[]): readonly TextPart[] {
  const addresses = links.filter(isWebAddress).sort((a, b) => b.length - a.length);
  const parts: TextPart[] = [];
  let at = 0;
  while (at < text.length) {
    const next = nextLink(text, addresses, at);
    const end = next?.at ?? text.length;
    if (end > at) parts.push({ at, text: text.slice(at, end), href: null });
    if (next !== null) parts.push({ at: end, text: next.link, href: next.link });
    at = end + (next?.link.length ?? 0);
  }
  return parts;
}

/** The link that stands first from there on; of two that begin together the longer one. */
function nextLink(text: string, links: readonly string[], from: number): { readonly at: number; readonly link: string } | null {
  let first: { readonly at: number; readonly link: string } | null = null;
  for (const link of links) {
    const at = text.indexOf(link, from);
    if (at >= 0 && (first === null || at < first.at)) first = { at, link };
  }
  return first;
}

function isWebAddress(link: string): boolean {
  return URL.canParse(link) && /^https?:$/.test(new URL(link).protocol);
}
