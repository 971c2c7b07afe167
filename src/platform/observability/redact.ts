import { Secret } from '#kernel/secret.ts';
import { errorMessage, errorStack, holdsValues } from './redact-error.ts';
import { redacted, redactText } from './redact-text.ts';
import { kindOfName } from './sensitive-names.ts';

export { redactText } from './redact-text.ts';

const deepest = 8;
const mostNodes = 2_000;
const mostItems = 100;

/**
 * What is under way: the ancestors of the value, against cycles, how many values may still be written, and whether an error
 * is among the ancestors.
 */
interface Walk {
  readonly ancestors: Set<object>;
  nodesLeft: number;
  insideError: boolean;
}

/**
 * A copy of `value` that JSON can write and that holds no secret: by the names of fields, by the shape of texts, and by
 * type (`Secret`, bytes). Never throws, never calls `toJSON`, and is bounded in depth and size.
 */
export function redact(value: unknown): unknown {
  return visit(value, { ancestors: new Set(), nodesLeft: mostNodes, insideError: false });
}

const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,39}$/;

/** The name of a field, which may itself hold a secret when input was used as a key. */
export function redactName(name: string): string {
  return plainName.test(name) ? name : redactText(name);
}

/** What `redact` makes of the value of one named field. */
export function redactField(name: string, value: unknown): unknown {
  return visitField(name, value, { ancestors: new Set(), nodesLeft: mostNodes, insideError: false });
}

function visit(value: unknown, walk: Walk): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(walk.insideError ? errorMessage('', value) : value);
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'bigint':
      return value.toString();
    case 'symbol':
      return redactText(value.toString());
    case 'function':
      return '[function]';
    case 'object':
      return value === null ? null : visitObject(value, walk);
    default:
      return '[unreadable]';
  }
}

/** Ids of the kernel and times: the only texts that a fact about a secret, such as `tokenId`, may hold. */
const factText = /^(?:[a-z]{3}_[1-9A-HJ-NP-Za-km-z]{22}|\d{4}-\d{2}-\d{2}T[\d:.]{8,12}Z|[A-Za-z0-9]{1,10})$/;

function visitField(name: string, value: unknown, walk: Walk): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value;
  if (walk.insideError && holdsValues(name)) return redacted;
  const kind = kindOfName(name);
  if (kind === 'plain') return name === 'rawHeaders' ? visitRawHeaders(value, walk) : visit(value, walk);
  if (kind === 'sensitive') return redacted;
  if (typeof value === 'number' || value instanceof Date) return visit(value, walk);
  return typeof value === 'string' && factText.test(value) ? value : redacted;
}

function visitObject(value: object, walk: Walk): unknown {
  if (walk.ancestors.has(value)) return '[circular]';
  if (walk.ancestors.size >= deepest || walk.nodesLeft <= 0) return '[left out]';
  walk.nodesLeft -= 1;
  walk.ancestors.add(value);
  try {
    return visitKnown(value, walk);
  } catch {
    return '[unreadable]';
  } finally {
    walk.ancestors.delete(value);
  }
}

function visitKnown(value: object, walk: Walk): unknown {
  if (value instanceof Secret) return redacted;
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof RegExp) return redactText(String(value));
  if (Array.isArray(value)) return visitItems(value, walk);
  if (value instanceof Set) return visitItems([...value.values()], walk);
  if (value instanceof Map || value instanceof Headers || value instanceof URLSearchParams) {
    return visitEntries([...value.entries()].slice(0, mostItems + 1), walk);
  }
  if (value instanceof Error) return visitError(value, walk);
  return visitEntries(readEntries(value), walk);
}

/** Items in order. A pair inside a list is read as an entry: `[['cookie', '...']]` is as secret as `{ cookie: '...' }`. */
function visitItems(items: readonly unknown[], walk: Walk): unknown[] {
  const kept = items.slice(0, mostItems).map((item) => {
    if (!Array.isArray(item) || item.length !== 2 || typeof item[0] !== 'string') return visit(item, walk);
    return [redactText(item[0]), visitField(item[0], item[1], walk)];
  });
  return items.length > mostItems ? [...kept, `[${items.length - mostItems} more]`] : kept;
}

/** Node's flat list of header names and values. */
function visitRawHeaders(value: unknown, walk: Walk): unknown {
  if (!Array.isArray(value)) return visit(value, walk);
  return value
    .slice(0, mostItems)
    .map((item, index) => (index % 2 === 1 ? visitField(String(value[index - 1]), item, walk) : visit(item, walk)));
}

function readEntries(value: object): [string, unknown][] {
  return Object.keys(value)
    .slice(0, mostItems + 1)
    .map((name) => {
      try {
        return [name, Reflect.get(value, name)];
      } catch {
        return [name, '[unreadable]'];
      }
    });
}

function visitEntries(entries: readonly (readonly [unknown, unknown])[], walk: Walk): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries.slice(0, mostItems)) {
    const name = typeof key === 'string' ? key : String(visit(key, walk));
    copy[redactName(name)] = visitField(name, value, walk);
  }
  if (entries.length > mostItems) copy['…'] = '[more left out]';
  return copy;
}

/** Name, message and stack come first; then the cause and whatever the thrower attached. */
function visitError(error: Error, walk: Walk): Record<string, unknown> {
  const { name, stack, cause } = error;
  const message = String(error.message);
  const shown = errorMessage(String(name), message);
  const shownStack = typeof stack === 'string' ? errorStack(stack, message, shown) : undefined;
  const attached = readEntries(error).filter(([key]) => !['name', 'message', 'stack', 'cause'].includes(key));
  const outer = walk.insideError;
  walk.insideError = true;
  try {
    return {
      name: redactText(String(name)),
      message: redactText(shown),
      ...(shownStack === undefined ? {} : { stack: redactText(shownStack) }),
      ...visitEntries(attached, walk),
      ...(error instanceof AggregateError ? { errors: visit(error.errors, walk) } : {}),
      ...(cause === undefined ? {} : { cause: visit(cause, walk) }),
    };
  } finally {
    walk.insideError = outer;
  }
}
