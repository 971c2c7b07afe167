import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, parseStrictJson } from './strict-json.ts';

describe('parseStrictJson', () => {
  it.each([
    '{"alg":"ES256","alg":"none"}',
    '{"alg":"ES256","\\u0061lg":"none"}',
    '{"a":{"b":1,"b":1}}',
    '[{"b":[],"b":{}}]',
    '{"a":{"x":1},"b":[1,2],"a":2}',
    '{"":1,"":2}',
    '{"a\\"b":1,"a\\"b":2}',
    '{"__proto__":1,"__proto__":2}',
    '{ "a" : 1 , "a" : 2 }',
  ])('refuses a member twice: %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  });

  it.each([
    '{"a":{"a":{"a":1}},"b":{"a":1}}',
    '[{"a":1},{"a":2}]',
    '{"a":"a","b":"a"}',
    '{"a":["a","a"],"b":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"\\\\","b":"\\\\"}',
    '{"a":1,"A":2}',
  ])('takes the same name in different places: %s', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each(['', '{', '{"a":1,}', "{'a':1}", '{"a":1}}', '\uFEFF{}', '{"a":01}', 'NaN'])('refuses what is no JSON: %j', (text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  });

  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('finds a repeated member wherever it is put into an object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 6 }), fc.nat(), (object, pick) => {
        const members = Object.entries(object).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
        const repeated = members[pick % members.length] ?? '';
        expect(() => parseStrictJson(`{${[...members, repeated].join(',')}}`)).toThrow('same member twice');
        expect(() => parseStrictJson(`[1,{"deeper":{${[repeated, ...members].join(',')}}}]`)).toThrow('same member twice');
      }),
    );
  });
});

describe('isJsonObject', () => {
  it('knows an object from everything else', () => {
    expect([{}, { a: 1 }].every(isJsonObject)).toBe(true);
    expect([null, [], 'a', 1, true, undefined].some(isJsonObject)).toBe(false);
  });
});
