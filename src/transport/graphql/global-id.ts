const typenames: Readonly<Record<string, string>> = {
  usr: 'User',
  eml: 'EmailAddress',
  org: 'Organisation',
  ses: 'Session',
};

/** Which GraphQL type an id names, by its prefix. An unknown prefix names none, and so nothing is found. */
export function typenameOfId(id: string): string {
  return typenames[id.slice(0, id.indexOf('_'))] ?? 'Unknown';
}
