import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StartupError } from '#platform/config/startup-error.ts';
import { createParserCaches } from '../guards/document-cache.ts';
import { defaultGraphqlLimits } from '../guards/index.ts';
import { createKnownOperations } from '../known-operations.ts';
import { schema } from '../schema.ts';
import { readManifests } from './read-manifest.ts';
import { createRegisteredOperations, documentIdOf } from './registered-operations.ts';

const viewer = '{ viewer { user { id } } }';
const logout = 'mutation { logout { __typename ... on AppError { code } } }';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-manifest-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: unknown, introspection = false) {
  const file = join(folder, 'manifest.json');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readManifests({ files: [file], schema, introspection });
}

async function problemsOf(content: unknown): Promise<string[]> {
  const error = await read(content).catch((refused: unknown) => refused);
  if (!(error instanceof StartupError)) throw new Error(`was not refused: ${error}`);
  return error.text.split('\n').slice(1, -1);
}

describe('readManifests', () => {
  it('reads what the client preset and Relay write, and what Apollo’s generator writes', async () => {
    const byId = await read({ [documentIdOf(viewer)]: viewer, [`sha256:${documentIdOf(logout)}`]: logout });
    const operations = [viewer, logout].map((body) => ({ id: documentIdOf(body), body, name: 'x', type: 'query' }));
    const apollo = await read({ format: 'apollo-persisted-query-manifest', version: 1, operations });
    for (const registered of [byId, apollo]) expect(registered.map(({ text }) => text)).toEqual([viewer, logout]);
  });

  it('compiles what can be, each operation under its name', async () => {
    const two = 'query a { viewer { user { id } } } query b { viewer { session { id } } }';
    const one = 'query c { viewer { user { id } } }';
    const registered = await read(Object.fromEntries([two, one, logout].map((text) => [documentIdOf(text), text])));
    expect(registered.map(({ runs }) => [...runs.keys()])).toEqual([['a', 'b'], ['c', ''], []]);
  });

  it('lists everything that is wrong at once', async () => {
    const deep = `{ viewer ${'{ user '.repeat(20)}${'}'.repeat(21)}`;
    const problems = await problemsOf(
      `{ ${[
        ['__proto__', viewer],
        ['../x', viewer],
        ['a'.repeat(32), viewer],
        [documentIdOf(logout), viewer],
        [documentIdOf('{'), '{'],
        [documentIdOf('{ nope }'), '{ nope }'],
        [documentIdOf('{ __schema { types { name } } }'), '{ __schema { types { name } } }'],
        [documentIdOf(deep), deep],
        ['y'.repeat(1_000), viewer],
      ]
        .map((pair) => pair.map((each) => JSON.stringify(each)).join(': '))
        .join(', ')} }`,
    );
    const noHash = expect.stringContaining('is no SHA-256 as 64 lower-case hexadecimal digits');
    expect(problems.map((line) => line.replace(/^.*?manifest\.json: /, ''))).toEqual([
      noHash,
      noHash,
      noHash,
      `"${documentIdOf(logout)}": is not the SHA-256 of its document, which is ${documentIdOf(viewer)}`,
      expect.stringContaining('Syntax Error'),
      expect.stringContaining('Cannot query field "nope"'),
      expect.stringContaining('introspection is switched off'),
      expect.stringContaining('nested too deeply'),
      expect.stringMatching(/^"y{80}…": is no SHA-256/),
    ]);
  });

  it.each([
    ['[]'],
    ['null'],
    ['"x"'],
    ['{"a": 1}'],
    ['{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}'],
  ])('refuses %s', async (content) => {
    expect(await problemsOf(content)).toHaveLength(1);
  });

  it('refuses what is no JSON, and a file that is not there', async () => {
    await expect(read('{')).rejects.toBeInstanceOf(StartupError);
    await expect(readManifests({ files: [join(folder, 'none')], schema, introspection: true })).rejects.toBeInstanceOf(
      StartupError,
    );
  });

  it('lets documents ask for the schema where that is allowed', async () => {
    const text = '{ __schema { queryType { name } } }';
    expect(await read({ [documentIdOf(text)]: text }, true)).toHaveLength(1);
  });
});

describe('a registered operation', () => {
  it('is not pushed out by what clients send', () => {
    const document = parse(viewer);
    const run = () => ({ data: {} });
    const registered = createRegisteredOperations([{ text: viewer, document, runs: new Map([['', run]]) }], { only: false });
    const known = createKnownOperations(defaultGraphqlLimits, registered, { maxEntries: 1, maxSourceLength: 100 });
    const { documentCache } = createParserCaches({ maxEntries: 1, maxSourceLength: 100 }, registered.documents);
    for (const name of ['a', 'b', 'c']) {
      known.remember({ query: `{ ${name} }` }, () => ({ data: null }));
      documentCache.set(`{ ${name} }`, parse(`{ ${name} }`));
    }
    expect(known.find({ documentId: documentIdOf(viewer) })?.run).toBe(run);
    expect(known.find({ query: '{ a }' })).toBeUndefined();
    expect(documentCache.get(viewer)).toBe(document);
    expect(documentCache.get('{ a }')).toBeUndefined();
  });
});
