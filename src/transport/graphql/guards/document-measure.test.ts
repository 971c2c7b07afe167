import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { measureDocument } from './document-measure.ts';
import { defaultGraphqlLimits, type GraphqlLimits } from './limits.ts';

const unlimited = Object.fromEntries(
  Object.keys(defaultGraphqlLimits).map((key) => [key, Number.POSITIVE_INFINITY]),
) as unknown as GraphqlLimits;
const measure = (text: string, limits: GraphqlLimits = unlimited) => measureDocument(parse(text), limits, true);
const one = (text: string) => measure(text).operations[0];

/** f0 has two fields and each further fragment spreads the one before it twice. */
const bomb = (doublings: number): string => {
  const fragments = Array.from({ length: doublings }, (_, i) => `fragment f${i + 1} on Q { a { ...f${i} } b { ...f${i} } }`);
  return `{ ...f${doublings} } fragment f0 on Q { a b } ${fragments.join(' ')}`;
};

describe('measureDocument', () => {
  it('counts a fragment bomb of more than 2^30 fields by looking at each selection once', () => {
    const { operations, visitedSelections } = measure(bomb(29));
    expect(operations[0]?.fields).toBe(2 ** 31 - 2);
    expect(visitedSelections).toBe(1 + 2 + 29 * 4);
  });

  it('looks no further into a bomb than the limit of fields', () => {
    expect(() => measure(bomb(29), { ...unlimited, fields: 1_000 })).toThrow(
      expect.objectContaining({ code: 'QUERY_TOO_COMPLEX', limit: 1_000 }),
    );
  });

  it('looks at each selection once, too, where one selection set spreads a fragment many times', () => {
    const chain = Array.from({ length: 10 }, (_, i) => `fragment f${i + 1} on Q { ${`...f${i} `.repeat(50)} }`).join(' ');
    const { operations, visitedSelections } = measure(`{ ...f10 } fragment f0 on Q { a } ${chain}`);
    expect(operations[0]).toMatchObject({ fields: 50 ** 10, duplicates: 50 ** 10 - 1 });
    expect(visitedSelections).toBe(1 + 1 + 10 * 50);
  });

  it('counts each operation by itself', () => {
    const { operations } = measure('query a { x y } query b { x { y { z } } }');
    expect(operations).toMatchObject([
      { fields: 2, rootFields: 2, depth: 1 },
      { fields: 3, rootFields: 1, depth: 3 },
    ]);
  });

  it('counts depth below introspection apart, also where a fragment leads there', () => {
    expect(one('{ a { b { c } } __schema { types { fields { name } } } }')).toMatchObject({ depth: 3, introspectionDepth: 4 });
    expect(one('{ ...f } fragment f on Query { __type(name: "A") { ...g } } fragment g on __Type { name }')).toMatchObject({
      depth: 1,
      introspectionDepth: 2,
    });
  });

  it('counts a key anew under each type condition, and as repeated under the same one', () => {
    expect(one('{ u { ... on A { id } ... on B { id } } }')?.duplicates).toBe(0);
    expect(one('{ u { ... on A { id } ... on A { id } } }')?.duplicates).toBe(1);
    expect(one('{ u { ... on A { id ... @include(if: true) { id } } } }')?.duplicates).toBe(1);
    expect(one('{ u { a: id a: name } }')?.duplicates).toBe(1);
  });

  it('adds nothing for a cycle and for a fragment that is not there', () => {
    expect(one('{ ...a } fragment a on Q { x ...b } fragment b on Q { y ...a }')).toMatchObject({ fields: 2 });
    expect(one('{ x ...nowhere }')).toMatchObject({ fields: 1 });
  });
});
