import { type GraphQLInputType, getNamedType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { schema } from '#transport/graphql/schema.ts';

/** A place in the variables of a mutation where a value of a scalar or enum type goes. */
export interface InputPlace {
  readonly path: readonly string[];
  /** The named type: `String`, `ID`, `TokenDelivery`. */
  readonly type: string;
  readonly required: boolean;
}

export interface MutationShape {
  readonly name: string;
  /** With every argument as a variable of the same name; selects the type of the result and the code of an error. */
  readonly document: string;
  readonly places: readonly InputPlace[];
}

/** Every mutation of the schema, so that tests that walk it cover a new one by themselves. */
export function listMutations(): MutationShape[] {
  return Object.values(schema.getMutationType()?.getFields() ?? {}).map(({ name, args }) => {
    const declared = args.map((arg) => `$${arg.name}: ${arg.type.toString()}`).join(', ');
    const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
    const call = args.length === 0 ? name : `${name}(${passed})`;
    return {
      name,
      document: `mutation${declared && `(${declared})`} { ${call} { __typename ... on AppError { code message } } }`,
      places: args.flatMap((arg) => placesOf(arg.type, [arg.name])),
    };
  });
}

function placesOf(type: GraphQLInputType, path: readonly string[]): InputPlace[] {
  const required = isNonNullType(type);
  const named = getNamedType(type);
  const isList = isListType(required ? type.ofType : type);
  if (isInputObjectType(named) && !isList)
    return Object.values(named.getFields()).flatMap((field) => placesOf(field.type, [...path, field.name]));
  return [{ path, type: isList ? type.toString() : named.name, required }];
}

/** Variables with a value at each place: what `valueAt` gives for it, or nothing for undefined. */
export function variablesOf(
  { places }: MutationShape,
  valueAt: (place: InputPlace) => unknown,
): Readonly<Record<string, unknown>> {
  const variables: Record<string, unknown> = {};
  for (const place of places) {
    const value = valueAt(place);
    if (value === undefined) continue;
    let at = variables;
    for (const step of place.path.slice(0, -1)) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    at[place.path.at(-1) ?? ''] = value;
  }
  return variables;
}
