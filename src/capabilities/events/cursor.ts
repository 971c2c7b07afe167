import { InvalidInputError } from '#kernel/errors.ts';

/** A place in the log. To clients it is opaque: `0` is the beginning, any other value came with an event. */
export type Cursor = string;

const largestPosition = 9_223_372_036_854_775_807n;

export function cursorOf(position: bigint): Cursor {
  return position.toString();
}

/** The position that a client's cursor names. Throws InvalidInputError on anything that no event ever came with. */
export function parseCursor(cursor: Cursor): bigint {
  const position = /^(0|[1-9][0-9]{0,18})$/.test(cursor) ? BigInt(cursor) : -1n;
  if (position < 0n || position > largestPosition) throw unknownCursor();
  return position;
}

export function unknownCursor(): InvalidInputError {
  return new InvalidInputError([
    { path: 'after', message: 'is not the cursor of an event; take `cursor` of the last event seen, or "0"' },
  ]);
}
