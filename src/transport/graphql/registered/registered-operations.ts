import { createHash } from 'node:crypto';
import type { DocumentNode } from 'graphql';
import { GuardError, requestMalformed } from '../guards/guards.errors.ts';
import type { RunOperation } from '../known-operations.ts';
import { persistedQueryMismatch, persistedQueryNotFound } from './registered.errors.ts';

/** A document that the deployment registered, as it was checked at start. */
export interface RegisteredDocument {
  readonly text: string;
  readonly document: DocumentNode;
  /** Its compiled operations by name; '' is the only one of its document. Operations that are not compiled are missing. */
  readonly runs: ReadonlyMap<string, RunOperation>;
}

/** What a request says about its document; not yet checked for its types. */
export interface DocumentParams {
  readonly query?: unknown;
  /** GraphQL over HTTP, appendix A: the id of a persisted document. */
  readonly documentId?: unknown;
  /** `persistedQuery` in it is how Apollo's clients name a document. */
  readonly extensions?: unknown;
}

/** The operations that were registered before the start. Nothing is ever added: no request can fill a cache or pin a document. */
export interface RegisteredOperations {
  /**
   * The document that a request names by an id; undefined when it names none. Throws a GuardError for an id that is not
   * registered, one that is malformed, and one beside another document.
   */
  queryOf(params: DocumentParams): string | undefined;
  /** Whether a document may run here: any, unless only registered ones may. */
  allows(text: string): boolean;
  /** The compiled operation of an id without its prefix. */
  runOf(id: string, operationName: string | null | undefined): RunOperation | undefined;
  /** The parsed documents by their text. */
  readonly documents: ReadonlyMap<string, DocumentNode>;
}

const prefix = 'sha256:';

/** The id of a document: SHA-256 of its UTF-8 in lower-case hex. */
export function documentIdOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function createRegisteredOperations(
  registered: readonly RegisteredDocument[],
  { only }: { readonly only: boolean },
): RegisteredOperations {
  const byText = new Map(registered.map((each) => [each.text, each]));
  const byId = new Map(registered.map((each) => [documentIdOf(each.text), each]));
  return {
    queryOf: (params) => {
      const id = idOf(params);
      if (id === undefined) return undefined;
      const text = byId.get(id)?.text;
      const { query } = params;
      // The WebSocket protocol demands a text for `query`; its clients send an empty one beside an id.
      if (query == null || query === '') {
        if (text === undefined) throw new GuardError(persistedQueryNotFound);
        return text;
      }
      if (typeof query !== 'string') throw new GuardError(requestMalformed);
      if (query !== text && documentIdOf(query) !== id) throw new GuardError(persistedQueryMismatch);
      return query;
    },
    allows: (text) => !only || byText.has(text),
    runOf: (id, operationName) => byId.get(id)?.runs.get(operationName ?? ''),
    documents: new Map(registered.map(({ text, document }) => [text, document])),
  };
}

/** GraphQL over HTTP, appendix A: `sha256:` says how the id was made. */
export function withoutPrefix(documentId: string): string {
  return documentId.startsWith(prefix) ? documentId.slice(prefix.length) : documentId;
}

/** The id that a request names, without its prefix. */
function idOf({ documentId, extensions }: DocumentParams): string | undefined {
  const hash = apolloHashOf(extensions);
  if (documentId === undefined) return hash;
  if (typeof documentId !== 'string') throw malformed('documentId must be a text');
  const id = withoutPrefix(documentId);
  if (hash !== undefined && hash !== id) throw new GuardError(persistedQueryMismatch);
  return id;
}

function apolloHashOf(extensions: unknown): string | undefined {
  if (!isObject(extensions) || !Object.hasOwn(extensions, 'persistedQuery')) return undefined;
  const { persistedQuery } = extensions;
  if (!isObject(persistedQuery) || persistedQuery['version'] !== 1 || typeof persistedQuery['sha256Hash'] !== 'string')
    throw malformed('persistedQuery must have version 1 and sha256Hash');
  return persistedQuery['sha256Hash'];
}

const malformed = (what: string): GuardError => new GuardError(requestMalformed, `${requestMalformed.message} ${what}.`);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
