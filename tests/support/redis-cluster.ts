import { freePort, startRedis, type TestRedis } from './redis-server.ts';
import { until } from './until.ts';

const slots = 16_384;

export interface TestCluster {
  readonly nodes: readonly TestRedis[];
  /** For REDIS_URLS. */
  readonly urls: string;
  /** The primaries as a node that lives sees them. */
  primaries(asSeenBy: TestRedis): Promise<readonly TestRedis[]>;
  stop(): Promise<void>;
}

/** A Redis Cluster of three primaries with one replica each, on loopback; null where this machine has no redis-server. */
export async function startRedisCluster(): Promise<TestCluster | null> {
  const started: (TestRedis | null)[] = [];
  for (let index = 0; index < 6; index += 1) started.push(await startNode());
  const nodes = started.filter((node) => node !== null);
  if (nodes.length < 6) return null;
  try {
    await join(nodes);
  } catch (error) {
    await Promise.all(nodes.map((node) => node.stop()));
    throw error;
  }
  return {
    nodes,
    urls: nodes.map(({ url }) => url).join(','),
    primaries: async (witness) => {
      const lines = String(await witness.call('cluster', 'nodes')).split('\n');
      const ports = lines.filter((line) => /\bmaster\b/.test(line) && !/\bfail\b/.test(line)).map(portOf);
      return nodes.filter(({ port }) => ports.includes(port));
    },
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

async function startNode(): Promise<TestRedis | null> {
  const options = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000', '--cluster-port', String(await freePort())];
  return startRedis([...options, '--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0']);
}

async function join(nodes: readonly TestRedis[]): Promise<void> {
  const primaries = nodes.slice(0, 3);
  for (const [index, node] of primaries.entries()) {
    await node.call('cluster', 'set-config-epoch', String(index + 1));
    const [from, to] = [index, index + 1].map((part) => Math.floor((part * slots) / 3));
    await node.call('cluster', 'addslotsrange', String(from), String(Number(to) - 1));
  }
  for (const node of nodes) {
    const [, busPort] = (await node.call('config', 'get', 'cluster-port')) as string[];
    // Each is introduced to all, which is quicker than word of mouth.
    await Promise.all(nodes.map((other) => other.call('cluster', 'meet', '127.0.0.1', String(node.port), String(busPort))));
  }
  await until('every node knows the others', () => all(nodes, ['cluster', 'info'], /cluster_known_nodes:6/));
  for (const [index, node] of nodes.slice(3).entries()) {
    const id = String(await primaries[index]?.call('cluster', 'myid'));
    // It may not have heard of its primary yet.
    await until('it is a replica', async () => (await node.call('cluster', 'replicate', id).then(String, String)) === 'OK');
  }
  await until('all slots are served', () => all(nodes, ['cluster', 'info'], /cluster_state:ok/));
  await until('the replicas follow', () => all(nodes.slice(3), ['info', 'replication'], /master_link_status:up/));
  await until('every node knows the replicas', () => all(nodes, ['cluster', 'nodes'], /(?:\bslave\b.*){3}/s));
}

async function all(nodes: readonly TestRedis[], [command, argument]: readonly [string, string], state: RegExp): Promise<boolean> {
  const answers = await Promise.all(nodes.map((node) => node.call(command, argument)));
  return answers.every((answer) => state.test(String(answer)));
}

function portOf(line: string): number {
  return Number(/ [^ ]*:(\d+)@/.exec(line)?.[1]);
}
