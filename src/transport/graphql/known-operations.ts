import type { ExecutionResult } from 'graphql';
import type { GraphqlContext } from './builder.ts';
import { createSourceCache, type DocumentCacheBounds } from './guards/document-cache.ts';
import { assertParams, type GraphqlLimits } from './guards/index.ts';
import { type RegisteredOperations, withoutPrefix } from './registered/registered-operations.ts';

/** What a request asks for, as it stood in its body. */
export interface OperationSource {
  readonly query: string;
  readonly operationName?: string | null | undefined;
}

export type Variables = Readonly<Record<string, unknown>>;

/** Runs a compiled operation. A result without `data` says that the variables did not fit and that nothing has run. */
export type RunOperation = (
  context: GraphqlContext,
  variables: Variables | undefined,
) => ExecutionResult | Promise<ExecutionResult>;

export interface KnownRequest {
  readonly run: RunOperation;
  readonly variables: Variables | undefined;
}

/**
 * Operations that came by the engine before, which has parsed, measured and validated their documents, and that are compiled
 * now. They are run without it: its Request and Response objects cost more than most operations. Registered operations that
 * are compiled are known from the start, by their ids.
 */
export interface KnownOperations {
  remember(source: OperationSource, run: RunOperation): void;
  /**
   * The operation that this body names, if it is known and everything in the body is as the engine would accept it. For
   * anything else, however slightly odd, undefined: the engine knows how to refuse it.
   */
  find(body: unknown): KnownRequest | undefined;
}

export function createKnownOperations(
  limits: GraphqlLimits,
  registered: Pick<RegisteredOperations, 'runOf'>,
  bounds: DocumentCacheBounds = { maxEntries: 500, maxSourceLength: 512 * 1024 },
): KnownOperations {
  const known = createSourceCache<RunOperation>(bounds);
  return {
    remember: (source, run) => known.set(keyOf(source), run),
    find: (body) => {
      if (!isPlainRequest(body)) return undefined;
      const id = idOf(body);
      const run = id === undefined ? known.get(keyOf(body)) : registered.runOf(id, body.operationName);
      return run && isWithin(limits, body) && isSmall(body.variables)
        ? { run, variables: body.variables ?? undefined }
        : undefined;
    },
  };
}

/**
 * Compiled code quotes a value that does not fit in every error that it makes of it: long texts are the engine's, which stops
 * at the first few.
 */
function isSmall(variables: unknown): boolean {
  if (typeof variables === 'string') return variables.length <= longestText;
  return typeof variables !== 'object' || variables === null || Object.values(variables).every(isSmall);
}

const longestText = 4_096;

function isWithin(limits: GraphqlLimits, request: PlainRequest): boolean {
  try {
    assertParams(request, limits);
    return true;
  } catch {
    return false;
  }
}

/** No name and no document that was ever validated holds a NUL, so that no two sources share a key. */
function keyOf({ query, operationName }: Partial<OperationSource>): string {
  return `${operationName ?? ''}\0${query}`;
}

/** Names its document in exactly one way: by its text or by one of the two forms of an id. */
interface PlainRequest extends Partial<OperationSource> {
  readonly documentId?: string;
  readonly extensions?: { readonly persistedQuery: { readonly version: 1; readonly sha256Hash: string } };
  readonly variables?: Variables | null;
}

function idOf({ documentId, extensions }: PlainRequest): string | undefined {
  return documentId === undefined ? extensions?.persistedQuery.sha256Hash : withoutPrefix(documentId);
}

const plainKeys = new Set(['query', 'documentId', 'extensions', 'operationName', 'variables']);
const name = /^[_A-Za-z][_0-9A-Za-z]*$/;

function isPlainRequest(body: unknown): body is PlainRequest {
  if (typeof body !== 'object' || body === null) return false;
  for (const key of Object.keys(body)) if (!plainKeys.has(key)) return false;
  const { query, documentId, extensions, operationName, variables } = body as Record<string, unknown>;
  const named =
    extensions === undefined
      ? (typeof query === 'string') !== (typeof documentId === 'string') && (query === undefined || documentId === undefined)
      : query === undefined && documentId === undefined && namesByHash(extensions);
  return (
    named &&
    (operationName == null || (typeof operationName === 'string' && name.test(operationName))) &&
    (variables == null || (typeof variables === 'object' && !Array.isArray(variables)))
  );
}

function namesByHash(extensions: unknown): boolean {
  if (typeof extensions !== 'object' || extensions === null || !Object.hasOwn(extensions, 'persistedQuery')) return false;
  const { persistedQuery } = extensions as Record<string, unknown>;
  if (typeof persistedQuery !== 'object' || persistedQuery === null) return false;
  const { version, sha256Hash } = persistedQuery as Record<string, unknown>;
  return version === 1 && typeof sha256Hash === 'string';
}
