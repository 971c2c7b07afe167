/** Why a request brought no answer that the schema describes. */
export type RequestFailureKind = 'unreachable' | 'busy' | 'foreign-origin' | 'unknown-document' | 'defect';

/** A failure outside the typed results: no network, an overloaded server, a page under a wrong address, or a masked defect. */
export class RequestFailure extends Error {
  readonly kind: RequestFailureKind;
  /** What the person may quote to whoever runs the server. */
  readonly correlationId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    kind: RequestFailureKind,
    details: { correlationId?: string | undefined; retryAfterSeconds?: number | undefined; cause?: unknown } = {},
  ) {
    super(`request failed: ${kind}`, { cause: details.cause });
    this.name = 'RequestFailure';
    this.kind = kind;
    this.correlationId = details.correlationId;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** The failure in a sentence or two for the person before the screen. */
export function describeFailure(failure: RequestFailure): string {
  switch (failure.kind) {
    case 'unreachable':
      return 'The server cannot be reached. Check your connection, then try again.';
    case 'busy':
      return 'The server is busy at the moment. Nothing was changed. Please try again shortly.';
    case 'foreign-origin':
      return 'This page is open under an address that the server does not know as its own. Open it under the server’s own address; whoever runs it has set that as PUBLIC_URL.';
    case 'unknown-document':
      return 'This page and the server are of different releases. Please load the page again.';
    case 'defect':
      return failure.correlationId === undefined
        ? 'Something went wrong on the server. Please try again.'
        : `Something went wrong on the server. Please try again; if it stays, quote this number: ${failure.correlationId}`;
    default:
      return failure.kind satisfies never;
  }
}
