import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { type BetterAuth, getSessionPath, startBetterAuth } from '../better-auth.ts';
import { type Contestant, interleave, median, processorRatio, ratio, type Samples, serverContestant } from '../interleave.ts';
import { documents, exchange, graphqlRequest, type Product, signInByCookie, startProduct } from '../product.ts';
import { type Finding, type Measured, ratioFinding, samplesLines } from '../report.ts';

const names = {
  engine: 'Sallyport by the engine, database',
  engineCached: 'Sallyport by the engine, sessions in memory',
  registered: 'Sallyport registered, database',
  registeredCached: 'Sallyport registered, sessions in memory',
  peer: 'better-auth get-session, database',
  peerCached: 'better-auth get-session, cookie cache',
} as const;

const documentId = createHash('sha256').update(documents.viewer).digest('hex');
// What Apollo Client 4 adds to each request. No request with extensions goes the fast way, so this is the engine's work.
const extensions = { clientLibrary: { name: '@apollo/client', version: '4.0.0' } };

/**
 * Who is signed in, by a cookie: as the engine and as the fast path for registered operations answer it, each with sessions
 * asked of the database and kept in memory; against better-auth without and with its cookie cache. With the database a
 * revocation counts at once in all of them; in memory after a second at most in the product, after minutes in the peer.
 */
export async function measureSessionCheck(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const file = join(bench.folder, 'registered.json');
  await writeFile(file, JSON.stringify({ [documentId]: documents.viewer }));
  const env = { REGISTERED_OPERATIONS_FILE: file };
  const database = await startProduct(bench, { ...env, SESSION_CACHE_ENTRIES: '0' });
  const memory = await startProduct(bench, env);
  const peer = await startBetterAuth(bench, effort.connections);
  const peerCached = await startBetterAuth(bench, effort.connections, { cookieCache: true });

  const ours = async (product: Product, engine: string, registered: string): Promise<Contestant[]> => {
    const cookies = await signInByCookie(product, effort.connections);
    const job = { origin: product.origin, method: 'POST', path: '/graphql', expect: '"email":"person-' } as const;
    const whole = cookies.map((cookie) => {
      const { headers, body } = graphqlRequest(documents.viewer, { headers: { cookie } });
      return [{ headers, body: JSON.stringify({ ...JSON.parse(body ?? ''), extensions }) }];
    });
    const byId = cookies.map((cookie) => [
      { headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify({ documentId: `sha256:${documentId}` }) },
    ]);
    await assertWays(product, whole[0]?.[0], byId[0]?.[0]);
    return [
      serverContestant(engine, product.program, load, { ...job, connections: whole }),
      serverContestant(registered, product.program, load, { ...job, connections: byId }),
    ];
  };
  const theirs = (name: string, { origin, program, cookies }: BetterAuth): Contestant =>
    serverContestant(name, program, load, {
      origin,
      method: 'GET',
      path: getSessionPath,
      connections: cookies.map((cookie) => [{ headers: { cookie } }]),
      expect: '"email":"person-',
    });

  const contestants = [
    ...(await ours(database, names.engine, names.registered)),
    ...(await ours(memory, names.engineCached, names.registeredCached)),
    theirs(names.peer, peer),
    theirs(names.peerCached, peerCached),
  ];
  const usesBefore = await peerCached.databaseUses();
  const samples = await interleave(contestants, effort);
  const uses = (await peerCached.databaseUses()) - usesBefore;
  if (uses > 0) throw new Error(`better-auth asked its database ${uses} times in spite of its cookie cache`);
  await Promise.all([database, memory, peer, peerCached].map(({ program }) => program.stop()));
  return {
    name: 'session-check',
    findings: [
      ...pair(samples, names.engine, names.peer, 5),
      tail(samples, names.engine, names.peer, 1 / 3),
      ...pair(samples, names.engineCached, names.peerCached, 5),
      ...pair(samples, names.registered, names.peer, 10),
      ...pair(samples, names.registeredCached, names.peerCached, 25),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}

function pair(samples: Samples, of: string, to: string, atLeast: number): Finding[] {
  return [
    ratioFinding(`${of} : ${to}`, ratio(samples, of, to), atLeast),
    ratioFinding('  by processor time of the servers', processorRatio(samples, of, to)),
  ];
}

/** How long the slowest hundredth waits, as a share of what it waits at `to`. */
function tail(samples: Samples, of: string, to: string, atMost: number): Finding {
  const p99 = (name: string) => median((samples.get(name) ?? []).map(({ p99Ms }) => p99Ms));
  return { name: '  its p99 : the other’s', value: p99(of) / p99(to), unit: '×', target: { atMost } };
}

/** That one goes by the engine and the other past it: else the names of the contestants would lie. */
async function assertWays(product: Product, engine: Request | undefined, registered: Request | undefined): Promise<void> {
  const answeredBy = async (way: string) => {
    const text = await (await fetch(`${product.origin}/metrics`)).text();
    return Number(new RegExp(`graphql_requests_total\\{answered_by="${way}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };
  for (const [way, request] of [
    ['engine', engine],
    ['fast_path', registered],
  ] as const) {
    if (request === undefined) throw new Error('there are no connections');
    const before = await answeredBy(way);
    for (let sent = 0; sent < 10; sent += 1) await exchange(product.origin, '/graphql', request);
    if ((await answeredBy(way)) !== before + 10) throw new Error(`not all requests were answered by ${way}`);
  }
}

type Request = Parameters<typeof exchange>[2];
