import { isId } from '#kernel/ids.ts';

const typenames = { usr: 'User', eml: 'EmailAddress', org: 'Organisation', ses: 'Session' } as const;
const prefixes = Object.keys(typenames) as (keyof typeof typenames)[];

/** The name of no type: such an id must not reach the engine, to which it would be a defect of the schema. */
export const unknownTypename = 'Unknown';

/** Which GraphQL type an id names; `unknownTypename` for a text that is no id of ours. */
export function typenameOfId(id: string): string {
  const prefix = prefixes.find((candidate) => isId(candidate, id));
  return prefix === undefined ? unknownTypename : typenames[prefix];
}

interface GlobalId {
  readonly typename: string;
  readonly id: string;
}

/** What `resolveNodes` finds for those ids that can name something, and null for the others, in the order of the ids. */
export async function resolveKnown<Id extends GlobalId>(
  ids: readonly Id[],
  resolveNodes: (ids: Id[]) => Promise<readonly unknown[]>,
): Promise<unknown[]> {
  const known = ids.filter(({ typename }) => typename !== unknownTypename);
  const found = (await resolveNodes(known)).values();
  return ids.map(({ typename }) => (typename === unknownTypename ? null : found.next().value));
}
