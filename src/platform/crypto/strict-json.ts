/**
 * JSON.parse that refuses an object with the same member twice, at any depth. RFC 7515, 4 and RFC 7519, 4 let a reader take
 * the last one; two readers that differ in that are an attack, so there is no such token for us. Throws SyntaxError.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // What JSON.stringify writes has no member twice, and most texts are such: only the others are walked, at three times the cost.
  if (JSON.stringify(value) !== text) refuseDuplicateMembers(text);
  return value;
}

/** Walks text that JSON.parse has accepted: only strings, brackets and commas matter. */
function refuseDuplicateMembers(text: string): void {
  // For each open bracket: the names seen so far in an object, or null for an array.
  const open: (Set<string> | null)[] = [];
  let names: Set<string> | null = null;
  let nameComesNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (names !== null && nameComesNext) {
        // Parsed, so that an escape can't disguise a name: "\u0061lg" is "alg".
        const name = JSON.parse(text.slice(at, end)) as string;
        if (names.has(name)) throw new SyntaxError('an object has the same member twice');
        names.add(name);
        nameComesNext = false;
      }
      at = end - 1;
    } else if (character === '{' || character === '[') {
      names = character === '{' ? new Set() : null;
      nameComesNext = names !== null;
      open.push(names);
    } else if (character === '}' || character === ']') {
      open.pop();
      names = open.at(-1) ?? null;
      nameComesNext = false;
    } else if (character === ',') {
      nameComesNext = names !== null;
    }
  }
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether a parsed value is a JSON object: not null, not an array. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
