import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { type Contestant, interleave, processorRatio, ratio, serverContestant } from '../interleave.ts';
import type { LoadRequest } from '../load.ts';
import {
  documents,
  graphqlRequest,
  type Product,
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
const apart = 'viewer, while sessions of another deployment end';
const together = 'viewer, while sessions end on three other nodes';

/**
 * What a node loses to the changes of three others, which each of its cached sessions is checked against. The control has three
 * nodes beside it as well that do the same, but for another database: so that both feel what one machine does to seven
 * processes.
 */
export async function measureNodes(bench: Bench): Promise<Measured> {
  const { effort, load } = bench;
  const product = await startProduct(bench);
  const stranger = await startProduct(bench);
  const perRound = Math.ceil((effort.roundMs + 1_000) / everyMs);
  const needed = perRound * others * (effort.rounds + 2);
  const beside = async ({ deployment }: Product) => {
    const sessions = await seedSessions({ databaseUrl: deployment.databaseUrl, people: needed, sessionsEach: 1 });
    const logouts = sessions.cookies(needed).map((cookie) => graphqlRequest(documents.logout, { headers: { cookie, origin } }));
    const nodes = await Promise.all(Array.from({ length: others }, () => startNode(bench, deployment)));
    return { nodes, logouts };
  };
  const ours = await beside(product);
  const theirs = await beside(stranger);
  const cookies = await signInByCookie(product, effort.connections);
  const viewing = {
    origin: product.origin,
    method: 'POST',
    path: '/graphql',
    connections: viewerConnections(cookies),
    expect: '"email":"person-',
  } as const;
  const contestant = (name: string, { nodes, logouts }: typeof ours): Contestant => ({
    name,
    run: async (durationMs) => {
      const ending = Promise.all(nodes.map((node) => endSessions(bench, node, logouts.splice(0, perRound), durationMs)));
      await pause(200);
      const sample = await serverContestant(name, product.program, load, viewing).run(durationMs);
      await ending;
      return sample;
    },
  });
  const samples = await interleave([contestant(apart, theirs), contestant(together, ours)], effort);
  await Promise.all([product, stranger, ...ours.nodes, ...theirs.nodes].map((node) => node.program.stop()));
  return {
    name: 'nodes',
    findings: [
      // By processor time: eight processes on the processors of one machine disturb each other's rates far more than that.
      ratioFinding(
        'viewer beside nodes that end its sessions : others, by processor time',
        processorRatio(samples, together, apart),
        0.9,
      ),
      ratioFinding('  by requests per second', ratio(samples, together, apart)),
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
