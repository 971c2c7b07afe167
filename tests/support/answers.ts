import type { GraphqlAnswer } from './client.ts';

/** What differs from answer to answer and tells nothing: `ratelimit` counts the requests that the caller itself has sent. */
const own: ReadonlySet<string> = new Set(['date', 'x-request-id', 'traceparent', 'ratelimit']);

/** Everything that a caller can see of an answer, without its correlation id and the time of day: to compare two of them. */
export function visiblePart({ status, headers, text }: GraphqlAnswer<unknown>) {
  const correlationId = headers.get('x-request-id');
  return {
    status,
    headers: [...headers].filter(([name]) => !own.has(name)).sort(),
    text: correlationId === null ? text : text.replaceAll(correlationId, '(correlation id)'),
  };
}
