import { isId } from '#kernel/ids.ts';

const typenames = { usr: 'User', eml: 'EmailAddress', org: 'Organisation', ses: 'Session', dev: 'Device' } as const;
const prefixes = Object.keys(typenames) as (keyof typeof typenames)[];

/** The name of no type: such an id must not reach the engine, to which it would be a defect of the schema. */
export const unknownTypename = 'Unknown';

/** Which GraphQL type an id names; `unknownTypename` for a text that is no id of ours. */
export function typenameOfId(id: string): string {
  const prefix = prefixes.find((candidate) => isId(candidate, id));
  return prefix === undefined ? unknownTypename : typenames[prefix];
}
