import { ChallengeProvider, type TypedDocumentString } from '../gql/graphql.ts';
import { RequestFailure, type RequestFailureKind } from './request-failure.ts';

const timeoutMs = 20_000;

interface GraphQLError {
  readonly extensions?: { readonly code?: string; readonly correlationId?: string };
}

interface GraphQLAnswer<TResult> {
  readonly data?: TResult | null;
  readonly errors?: readonly GraphQLError[];
}

/**
 * Runs one operation and returns its typed data; where the server asks for proof of work, the work is done and the operation
 * sent once more. The session travels as an HttpOnly cookie, never through this code.
 * @throws RequestFailure when there is no answer, or one with top-level errors.
 */
export async function execute<TResult, TVariables>(
  document: TypedDocumentString<TResult, TVariables>,
  variables: TVariables,
): Promise<TResult> {
  const { body, data } = await ask(document, variables);
  const puzzle = puzzleOf(data);
  if (puzzle === null) return data;
  // Loaded for the few who need it.
  const { solvePuzzle } = await import('./solve-puzzle.ts');
  const solution = await solvePuzzle(puzzle);
  return solution === null ? data : send<TResult>(body, { 'x-challenge-response': solution });
}

/** By the id of the document. A node of another release may not know it: in the middle of an update it is told the document. */
async function ask<TResult, TVariables>(document: TypedDocumentString<TResult, TVariables>, variables: TVariables) {
  const body = { documentId: documentId(document), variables };
  try {
    return { body, data: await send<TResult>(body) };
  } catch (error) {
    if (!(error instanceof RequestFailure) || error.kind !== 'unknown-document') throw error;
    const whole = { query: document.toString(), variables };
    return { body: whole, data: await send<TResult>(whole) };
  }
}

/** What names a document of ours to the server. */
export function documentId({ __meta__: meta }: Pick<TypedDocumentString<unknown, unknown>, '__meta__'>): string {
  const hash: unknown = meta?.['hash'];
  if (typeof hash !== 'string') throw new Error('the document was generated without its hash');
  return hash;
}

async function send<TResult>(body: object, headers: Readonly<Record<string, string>> = {}): Promise<TResult> {
  const response = await post(body, headers);
  const answer = await readAnswer<TResult>(response);
  const [error] = answer?.errors ?? [];
  if (error === undefined && answer?.data) return answer.data;
  throw new RequestFailure(kindOf(response.status, error?.extensions?.code), {
    correlationId: error?.extensions?.correlationId,
    retryAfterSeconds: retryAfter(response),
  });
}

/** The challenge of the result that asks for one; null when none does, or when it is one for a widget that we do not show. */
function puzzleOf(data: unknown): object | null {
  for (const result of Object.values(data ?? {}) as unknown[]) {
    if (typeof result !== 'object' || result === null || !('challenge' in result)) continue;
    if ('provider' in result && result.provider !== ChallengeProvider.Altcha) continue;
    if (typeof result.challenge === 'object') return result.challenge;
  }
  return null;
}

function kindOf(status: number, code: string | undefined): RequestFailureKind {
  if (code === 'ORIGIN_REFUSED') return 'foreign-origin';
  if (code === 'PERSISTED_QUERY_NOT_FOUND') return 'unknown-document';
  return isBusy(status) ? 'busy' : 'defect';
}

async function post(body: object, headers: Readonly<Record<string, string>>): Promise<Response> {
  try {
    return await fetch('/graphql', {
      method: 'POST',
      credentials: 'same-origin',
      headers: {
        accept: 'application/graphql-response+json, application/json',
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (cause) {
    throw new RequestFailure('unreachable', { cause });
  }
}

async function readAnswer<TResult>(response: Response): Promise<GraphQLAnswer<TResult> | null> {
  try {
    return (await response.json()) as GraphQLAnswer<TResult>;
  } catch {
    // A proxy's error page, or a connection that broke half-way: the status says what can be said.
    return null;
  }
}

function isBusy(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : undefined;
}
