import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import type { LoadRequest } from '../load.ts';
import type { Statement } from '../probe.ts';
import {
  documents,
  exchange,
  fromNetwork,
  graphqlRequest,
  loginRequest,
  type Product,
  sessionCookie,
  startProduct,
} from '../product.ts';
import { type Measured, table } from '../report.ts';
import { password } from '../seed.ts';

/** What goes on after the answer, such as moving events to the log, has come to an end by then. */
const afterwardsMs = 150;

interface Count extends Split {
  readonly operation: string;
}

/** How many statements each operation sends to PostgreSQL. Counted in a node of its own: counting costs time. */
export async function measureStatements(bench: Bench): Promise<Measured> {
  const product = await startProduct(bench, { BENCH_COUNT_STATEMENTS: '1' });
  const counts: Count[] = [];
  const run = async (operation: string, request: LoadRequest) => {
    const { split, text, headers } = await counted(product, request);
    counts.push({ operation, ...split });
    return { json: JSON.parse(text) as Answer, cookie: sessionCookie(headers) ?? '' };
  };
  const [ada] = product.people;
  if (ada === undefined) throw new Error('there are no people');
  await counted(product, loginRequest(ada, 'COOKIE', 0));
  const byCookie = await run('login, COOKIE', loginRequest(ada, 'COOKIE', 0));
  const byTokens = await run('login, TOKENS', loginRequest(ada, 'TOKENS', 0));
  const { tokens, viewer } = byTokens.json.data.login ?? {};
  const cookie = { cookie: byCookie.cookie };
  await counted(product, graphqlRequest(documents.viewer, { headers: cookie }));
  await run('viewer, cookie', graphqlRequest(documents.viewer, { headers: cookie }));
  const bearer = { authorization: `Bearer ${tokens?.accessToken}` };
  await run('viewer, access token', graphqlRequest(documents.viewer, { headers: bearer }));
  await run(
    'refreshSession',
    graphqlRequest(documents.refreshSession, { variables: { input: { refreshToken: tokens?.refreshToken } } }),
  );
  await run(
    'revokeSession',
    graphqlRequest(documents.revokeSession, { variables: { input: { sessionId: viewer?.session.id } }, headers: cookie }),
  );
  const input = { email: 'new@example.com', password, displayName: 'Grace Hopper' };
  await run('register', graphqlRequest(documents.register, { variables: { input }, headers: fromNetwork(1) }));
  await product.program.stop();

  const rows = counts.map(({ operation, before, transactions, after }) =>
    [operation, before.length, transactions, after.length].map(String),
  );
  return {
    name: 'statements',
    findings: [],
    details: table(['operation', 'statements', 'in transactions', 'after the answer'], rows).split('\n'),
    data: counts,
  };
}

interface Answer {
  readonly data: {
    readonly login?: {
      readonly tokens: { readonly accessToken: string; readonly refreshToken: string } | null;
      readonly viewer: { readonly session: { readonly id: string } };
    };
  };
}

interface Split {
  /** What the caller waits for, beginnings and ends of transactions left out. */
  readonly before: readonly string[];
  readonly transactions: number;
  /** What the operation leaves to be done: moving its events to the log, jobs. */
  readonly after: readonly string[];
}

const control = /^\s*(begin|commit|rollback|savepoint|release|set transaction)/i;
// A turn of the event feed, which the commit wakes and which many operations share.
const feed = /event_log|pg_notify|pg_advisory_xact_lock/;

function splitStatements(statements: readonly Statement[], answeredAt: number): Split {
  const before: string[] = [];
  const after: string[] = [];
  let transactions = 0;
  for (const [index, { text, at, connection }] of statements.entries()) {
    const next = statements.slice(index + 1).find((later) => later.connection === connection);
    const later = at > answeredAt || feed.test(text);
    if (control.test(text)) transactions += /^\s*begin/i.test(text) && !later && !feed.test(next?.text ?? '') ? 1 : 0;
    else (later ? after : before).push(text);
  }
  return { before, transactions, after };
}

async function counted(product: Product, request: LoadRequest) {
  const id = `bench-${randomBytes(8).toString('hex')}`;
  const answer = await exchange(product.origin, '/graphql', { ...request, headers: { ...request.headers, 'x-request-id': id } });
  const answeredAt = performance.timeOrigin + performance.now();
  if (!/Success|"viewer":\{/.test(answer.text)) throw new Error(`refused: ${answer.text}`);
  await pause(afterwardsMs);
  return { ...answer, split: splitStatements(await product.program.statements(id), answeredAt) };
}
