import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { type Contestant, interleave, processorRatio, serverContestant } from '../interleave.ts';
import type { LoadRequest } from '../load.ts';
import {
  documents,
  graphqlRequest,
  type ProductNode,
  signInByCookie,
  startNode,
  startProduct,
  viewerConnections,
} from '../product.ts';
import { type Measured, ratioFinding, samplesLines } from '../report.ts';
import { seedSessions } from '../seed-sessions.ts';

const others = 3;
/** Of each of the other nodes: 150 sessions a second end beside the measured one. */
const everyMs = 20;
const quiet = 'viewer, four nodes, nothing ends';
const busy = 'viewer, four nodes, 150 sessions end a second';

/**
 * What a node loses to the changes of three others, which each of its cached sessions is checked against: by the processor
 * time of that node, since on one machine the others take the processors too.
 */
export async function measureNodes(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const product = await startProduct(bench);
  const cookies = await signInByCookie(product, effort.connections);
  const nodes = await Promise.all(Array.from({ length: others }, () => startNode(bench, product.deployment)));
  const perRound = Math.ceil((effort.roundMs + 1_000) / everyMs);
  const needed = perRound * others * (effort.rounds + 1);
  const sessions = await seedSessions({ databaseUrl: product.deployment.databaseUrl, people: needed, sessionsEach: 1 });
  const logouts = sessions.cookies(needed).map((cookie) => graphqlRequest(documents.logout, { headers: { cookie, origin } }));
  const viewing = {
    origin: product.origin,
    method: 'POST',
    path: '/graphql',
    connections: viewerConnections(cookies),
    expect: '"email":"person-',
  } as const;
  const alone = serverContestant(quiet, product.program, load, viewing);
  const beside: Contestant = {
    name: busy,
    run: async (durationMs) => {
      const ending = Promise.all(nodes.map((node) => endSessions(bench, node, logouts.splice(0, perRound), durationMs)));
      await pause(200);
      const sample = await serverContestant(busy, product.program, load, viewing).run(durationMs);
      await ending;
      return sample;
    },
  };
  const samples = await interleave([alone, beside], effort);
  await Promise.all([product, ...nodes].map((node) => node.program.stop()));
  return {
    name: 'nodes',
    findings: [
      ratioFinding('viewer while sessions end on three other nodes : while none does', processorRatio(samples, busy, quiet), 0.9),
    ],
    details: samplesLines(samples),
    data: Object.fromEntries(samples),
  };
}

// What a browser sends with a mutation.
const origin = 'https://id.example.com';

async function endSessions(bench: Bench, node: ProductNode, requests: readonly LoadRequest[], durationMs: number): Promise<void> {
  const job = { origin: node.origin, method: 'POST', path: '/graphql', expect: '"LogoutSuccess"', everyMs } as const;
  await bench.load.run({
    ...job,
    connections: [requests],
    durationMs: Math.min(durationMs + 400, (requests.length - 1) * everyMs),
  });
}
