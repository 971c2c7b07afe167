import { type GraphQLInputField, getNamedType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { schema } from './schema.ts';

/** Whether the door says what values of this field it takes: enums and numbers are limited by their types. */
function isValidated({ type, extensions }: Pick<GraphQLInputField, 'type' | 'extensions'>): boolean {
  const nullable = isNonNullType(type) ? type.ofType : type;
  const takesText = ['String', 'ID'].includes(getNamedType(type).name) || isListType(nullable);
  const { pothosOptions } = extensions as { readonly pothosOptions?: { readonly validate?: unknown } };
  return !takesText || pothosOptions?.validate !== undefined;
}

describe('the doors of the schema', () => {
  it('check every text and list that a client can send', () => {
    const unchecked = Object.values(schema.getTypeMap())
      .filter((type) => isInputObjectType(type))
      .flatMap((type) => Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })))
      .filter(({ field }) => !isValidated(field))
      .map(({ name }) => name);
    expect(unchecked).toEqual([]);
  });

  it('take what a mutation needs as one checked input', () => {
    const loose = Object.values(schema.getMutationType()?.getFields() ?? {})
      .filter(({ args }) => args.some(({ type }) => !isInputObjectType(getNamedType(type))))
      .map(({ name }) => name);
    expect(loose).toEqual([]);
  });
});
