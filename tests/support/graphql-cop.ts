/** What a scanner in the manner of graphql-cop reports about a GraphQL endpoint: thirteen checks, rebuilt from their descriptions. */
export interface CopFinding {
  readonly check: string;
  readonly severity: 'HIGH' | 'MEDIUM' | 'LOW' | 'INFO';
  /** What the endpoint answered, shortened. */
  readonly answer: string;
}

interface Probe {
  readonly check: string;
  readonly severity: CopFinding['severity'];
  send(url: string, fetchFn: typeof fetch): Promise<Response>;
  /** Whether the answer shows the weakness. `json` is undefined if the body is no JSON. */
  shows(json: unknown, text: string): boolean;
}

const postJson = (body: unknown) => (url: string, fetchFn: typeof fetch) =>
  fetchFn(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const postQuery = (query: string) => postJson({ query });
const getQuery = (query: string) => (url: string, fetchFn: typeof fetch) => fetchFn(`${url}?${new URLSearchParams({ query })}`);

/** The value at a path of keys, undefined where the path ends early. */
function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    value,
  );
}
const lengthAt = (value: unknown, ...path: (string | number)[]): number => {
  const list = at(value, ...path);
  return Array.isArray(list) ? list.length : 0;
};
const typename = (json: unknown): boolean => Boolean(at(json, 'data', '__typename'));
const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ');

const probes: readonly Probe[] = [
  {
    check: 'alias overloading',
    severity: 'HIGH',
    send: postQuery(`query cop { ${repeat(101, (i) => `alias${i}: __typename`)} }`),
    shows: (json) => Boolean(at(json, 'data', 'alias100')),
  },
  {
    check: 'array-based query batching',
    severity: 'HIGH',
    send: postJson(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' }))),
    shows: (json) => lengthAt(json) >= 10,
  },
  {
    check: 'directive overloading',
    severity: 'HIGH',
    send: postQuery(`query cop { __typename ${'@aa'.repeat(10)} }`),
    shows: (json) => lengthAt(json, 'errors') >= 10,
  },
  {
    check: 'field duplication',
    severity: 'HIGH',
    send: postQuery(`query cop { ${'__typename '.repeat(500)} }`),
    shows: typename,
  },
  {
    check: 'circular introspection',
    severity: 'HIGH',
    send: postQuery(`query cop { __schema { types { ${'fields { type { '.repeat(5)} name ${'} } '.repeat(5)} } } }`),
    shows: (json) => lengthAt(json, 'data', '__schema', 'types') > 0,
  },
  {
    check: 'field suggestions',
    severity: 'LOW',
    send: postQuery('query cop { __schema { directive } }'),
    shows: (_json, text) => /did you mean/i.test(text),
  },
  {
    check: 'GraphQL IDE',
    severity: 'LOW',
    send: async (url, fetchFn) => {
      // Every address at which one usually stands; the texts are judged as one.
      const pages = ['', '/graphiql', '/playground', '/console', '/altair'].map((path) =>
        path === '' ? url : new URL(path, url).href,
      );
      const texts = pages.map(async (page) => (await fetchFn(page, { headers: { accept: 'text/html' } })).text());
      return new Response((await Promise.all(texts)).join('\n'));
    },
    shows: (_json, text) => /GraphiQL|graphiql\.min|GraphQL Playground|graphql-playground|<title>Altair/.test(text),
  },
  {
    check: 'introspection',
    severity: 'HIGH',
    send: postQuery('query cop { __schema { types { name fields { name } } } }'),
    shows: (json) => lengthAt(json, 'data', '__schema', 'types') > 0,
  },
  { check: 'GET method query support', severity: 'MEDIUM', send: getQuery('query cop { __typename }'), shows: typename },
  { check: 'GET based mutation', severity: 'MEDIUM', send: getQuery('mutation cop { __typename }'), shows: typename },
  {
    check: 'POST based url-encoded query',
    severity: 'MEDIUM',
    send: (url, fetchFn) => fetchFn(url, { method: 'POST', body: new URLSearchParams({ query: 'query cop { __typename }' }) }),
    shows: typename,
  },
  {
    check: 'trace mode',
    severity: 'INFO',
    send: postQuery('query cop { __typename nothing_of_this_name }'),
    shows: (json, text) => at(json, 'extensions', 'tracing') !== undefined || /"tracing"|"exception"|stacktrace/i.test(text),
  },
  {
    check: 'unhandled error',
    severity: 'INFO',
    send: postQuery('qwerty cop { abc }'),
    shows: (json, text) =>
      at(json, 'errors', 0, 'extensions', 'exception') !== undefined || /"stack"|"exception"|\bat .+\.[jt]s:\d+/.test(text),
  },
];

/** The names of the checks, to name the tests by. */
export const copChecks: readonly string[] = probes.map(({ check }) => check);

/**
 * Runs the checks against the GraphQL endpoint at `url` and returns what they find; nothing is the goal. `fetchFn` must
 * send what it is given and no more: a header added to every request would hide what another site can do without it.
 */
export async function runCopChecks(url: string, fetchFn: typeof fetch = fetch): Promise<CopFinding[]> {
  const findings: CopFinding[] = [];
  for (const { check, severity, send, shows } of probes) {
    const text = await (await send(url, fetchFn)).text();
    if (shows(parsed(text), text)) findings.push({ check, severity, answer: text.slice(0, 200) });
  }
  return findings;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
