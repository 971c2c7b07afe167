/** Closes a switch over a result union: a member that the page forgets makes the call fail to compile. */
export function assertNever(value: never): never {
  throw new Error(`unhandled result: ${JSON.stringify(value)}`);
}
