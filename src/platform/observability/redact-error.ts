/**
 * Takes values out of what database errors say. PostgreSQL quotes rows, Drizzle adds the parameters of the statement to its
 * message, Prisma prints the call with its arguments: names, addresses and hashes, which have no shape to know them by.
 */

const left = '[left out]';

type Replacement = readonly [pattern: RegExp, by: string];

const replacements: readonly Replacement[] = [
  // Drizzle: the statement may stay, all that follows is its parameters.
  [/^(Failed query: [\s\S]*?)\nparams: [\s\S]*$/, `$1\nparams: ${left}`],
  // PostgreSQL's details of broken constraints, which may hold anything up to their end.
  [/(Key \([^)\n]{1,400}\))=\([\s\S]*$/g, `$1=(${left})`],
  [/(Failing row contains )\([\s\S]*$/g, `$1(${left})`],
  // Its class 22: a value that does not fit its type.
  [/(invalid input (?:syntax|value) for [^:\n]{1,100}: )[\s\S]*$/g, `$1${left}`],
  [/((?:invalid byte sequence|out of range|value too long)[^:\n]{0,100}: )[\s\S]*$/g, `$1${left}`],
];

/** Fields by which PostgreSQL and both ORMs carry values of rows and parameters. */
const valueFields = new Set(['params', 'parameters', 'values', 'args', 'detail', 'where', 'internalQuery']);

/** Whether a field of an error, or of an object below one, holds values of the database. */
export function holdsValues(field: string): boolean {
  return valueFields.has(field);
}

/** The message of an error without values. Of what Prisma says only the end: before it stands the call with its arguments. */
export function errorMessage(name: string, message: string): string {
  const said = name.startsWith('PrismaClient')
    ? (message
        .trimEnd()
        .split(/\n\s*\n/)
        .at(-1) ?? '')
    : message;
  return replacements.reduce((rest, [pattern, by]) => rest.replace(pattern, by), said);
}

/** The frames of a stack below its message, or undefined when the message that it begins with can't be told from them. */
export function errorStack(stack: string, message: string, shown: string): string | undefined {
  if (message === shown) return stack;
  // With an empty one there is nothing to cut; one that was changed later is not to be found.
  return stack.includes(message) ? stack.replace(message, () => shown) : undefined;
}
