import { readFile } from 'node:fs/promises';
import { type DocumentNode, GraphQLError, type GraphQLSchema, Kind } from 'graphql';
import { z } from 'zod';
import { StartupError } from '#platform/config/startup-error.ts';
import { createDocumentGuard } from '../guards/document-guard.ts';
import { defaultGraphqlLimits } from '../guards/index.ts';
import { compileOperation } from '../jit.ts';
import type { RunOperation } from '../known-operations.ts';
import { documentIdOf, type RegisteredDocument } from './registered-operations.ts';

export interface ManifestOptions {
  /** The files with manifests; what two of them hold is registered once. */
  readonly files: readonly string[];
  readonly schema: GraphQLSchema;
  /** Whether registered documents may ask for the schema. */
  readonly introspection: boolean;
}

/** Each is parsed and kept, and compiled where that can be: a tenth of a megabyte or two. */
const mostDocuments = 1_000;
const shownProblems = 50;

/** As Apollo's `generate-persisted-query-manifest` writes it. */
const apolloSchema = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
});

/**
 * Reads the registered operations, checks each as a request would be, and compiles what can be.
 * @throws StartupError that lists everything that is wrong with the files, not only what comes first.
 */
export async function readManifests({ files, schema, introspection }: ManifestOptions): Promise<RegisteredDocument[]> {
  const problems: string[] = [];
  const registered = new Map<string, RegisteredDocument>();
  const guard = createDocumentGuard({ limits: defaultGraphqlLimits, introspection, suggestions: true });
  for (const file of files) {
    for (const [id, text] of await entriesOf(file)) {
      try {
        if (typeof text !== 'string') throw new ManifestProblem('is no text');
        assertId(id, text);
        const document = checked(text);
        registered.set(text, { text, document, runs: compiled(document) });
      } catch (error) {
        if (!(error instanceof GraphQLError) && !(error instanceof ManifestProblem)) throw error;
        problems.push(`${file}: ${JSON.stringify(short(id))}: ${error.message}`);
      }
    }
  }
  if (registered.size > mostDocuments) problems.push(`${registered.size} documents are more than ${mostDocuments}`);
  if (problems.length > 0) throw unusable(problems);
  return [...registered.values()];

  function checked(text: string): DocumentNode {
    const document = guard.parse(text);
    const errors = guard.validate(schema, document);
    if (errors.length > 0) throw new ManifestProblem(errors.map(({ message }) => message).join(' '));
    return document;
  }

  function compiled(document: DocumentNode): Map<string, RunOperation> {
    const names = document.definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [definition.name?.value] : [],
    );
    const runs = new Map<string, RunOperation>();
    for (const name of names) {
      const run = compileOperation(schema, document, name, true);
      if (run === undefined) continue;
      if (name !== undefined) runs.set(name, run);
      if (names.length === 1) runs.set('', run);
    }
    return runs;
  }
}

class ManifestProblem extends Error {}

function assertId(id: string, text: string): void {
  const hash = documentIdOf(text);
  if (id === hash || id === `sha256:${hash}`) return;
  throw new ManifestProblem(
    /^(sha256:)?[0-9a-f]{64}$/.test(id)
      ? `is not the SHA-256 of its document, which is ${hash}`
      : 'is no SHA-256 as 64 lower-case hexadecimal digits',
  );
}

async function entriesOf(file: string): Promise<(readonly [id: string, text: unknown])[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new StartupError(`the registered operations can not be read from ${file}.`, remedy, { cause });
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new StartupError(`the registered operations in ${file} are no JSON.`, remedy, { cause });
  }
  const apollo = apolloSchema.safeParse(json);
  if (apollo.success) return apollo.data.operations.map(({ id, body }) => [id, body]);
  if (isObject(json) && !Object.hasOwn(json, 'format')) return Object.entries(json);
  throw unusable([`${file}: expects an object of documents by their SHA-256, or the manifest of Apollo's generator`]);
}

/** Documents by their ids: as the client preset of GraphQL Code Generator and Relay's compiler write them. */
function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

const remedy = 'docs/guides/registered-operations.md says how such a file is made.';

const short = (id: string): string => (id.length > 80 ? `${id.slice(0, 80)}…` : id);

function unusable(problems: readonly string[]): StartupError {
  const shown = problems.slice(0, shownProblems).map((line) => `  ${line}\n`);
  const more = problems.length > shownProblems ? `  and ${problems.length - shownProblems} more\n` : '';
  return new StartupError(`the registered operations are not usable.\n${shown.join('')}${more}`, remedy);
}
