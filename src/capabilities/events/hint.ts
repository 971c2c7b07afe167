// Whoever can write to the channel can wake nodes, but not make them believe anything: a hint that is none of ours counts as
// one that says nothing.
const position = /^[0-9]{1,19}$/;

/** What a hint between nodes says, read from its message; undefined for one that says nothing. */
export function readHint(message: string): bigint | undefined {
  return position.test(message) ? BigInt(message) : undefined;
}
