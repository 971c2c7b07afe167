import { expect } from 'vitest';
import { TestClient } from './client.ts';
import { makeTestApp, type TestApp } from './make-test-app.ts';
import type { TestRedis } from './redis-server.ts';
import { type SlowProxy, startSlowProxy } from './slow-proxy.ts';
import { documents, type Person, type SignedIn, signIn } from './stories.ts';
import { until } from './until.ts';

export interface LentSession extends SignedIn {
  /** The key in Redis of its copy. */
  readonly place: string;
}

/** Nodes of one deployment that lend each other sessions through a Redis, behind a proxy that can be told to be slow. */
export interface LendingNodes {
  readonly nodes: readonly TestApp[];
  readonly proxy: SlowProxy;
  /** One more node of the same deployment, for the caller to close. */
  openNode(): Promise<TestApp>;
  /** The keys of all copies in Redis. */
  places(): Promise<string[]>;
  /** A new session of which a copy stands in Redis, put there by the first node. */
  lentSession(person: Person): Promise<LentSession>;
  /** The same, which `node` had from Redis already. */
  hadBy(node: TestApp, person: Person): Promise<LentSession>;
  /** Keeps what stands at `place` in Redis, for `putBack`. */
  save(place: string): Promise<unknown>;
  /** Puts back what was saved, at `place` and for good. */
  putBack(place: string): Promise<void>;
  close(): Promise<void>;
}

export const viewerAt = async (node: TestApp, { accessToken }: SignedIn) =>
  new TestClient(node, { accessToken }).send(documents.viewer);
export const statusAt = async (node: TestApp, me: SignedIn): Promise<number> => (await viewerAt(node, me)).status;

export async function metric(node: TestApp, name: string): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
}
export const sharedHits = (node: TestApp) => metric(node, 'session_cache_shared_hits');
export const sharedMisses = (node: TestApp) => metric(node, 'session_cache_shared_misses');

export async function openLendingNodes(redis: TestRedis, count: number): Promise<LendingNodes> {
  const proxy = await startSlowProxy(redis.port);
  const env = { REDIS_URL: `redis://127.0.0.1:${proxy.port}`, PUBLIC_URL: 'http://id.example.test', DATABASE_POOL_MAX: '5' };
  const first = await makeTestApp({ env });
  const openNode = () => makeTestApp({ besides: first, env });
  const nodes = [first];
  while (nodes.length < count) nodes.push(await openNode());
  const places = async () => (await redis.call('keys', '*:session')) as string[];

  /**
   * Tries until it comes to pass: what a node has committed just now it lends only once it has read so in the log, and
   * another one takes it only when it has read as far.
   */
  async function eventually(what: string, attempt: () => Promise<LentSession | null>): Promise<LentSession> {
    const lent: LentSession[] = [];
    await until(what, async () => {
      const candidate = await attempt();
      if (candidate) lent.push(candidate);
      return candidate !== null;
    });
    const [session] = lent;
    if (!session) throw new Error('there is no session');
    return session;
  }

  const lentSession = (person: Person) =>
    eventually('a copy stands in Redis', async () => {
      const before = new Set(await places());
      const me = await signIn(first, person);
      for (let time = 0; time < 3; time += 1) expect(await statusAt(first, me)).toBe(200);
      const place = (await places()).find((each) => !before.has(each));
      return place === undefined ? null : { ...me, place };
    });

  return {
    nodes,
    proxy,
    openNode,
    places,
    lentSession,
    hadBy: (node, person) =>
      eventually('a node has a session from Redis', async () => {
        const before = await sharedHits(node);
        const me = await lentSession(person);
        expect(await statusAt(node, me)).toBe(200);
        return (await sharedHits(node)) > before ? me : null;
      }),
    save: (place) => redis.call('copy', place, 'saved', 'replace'),
    putBack: async (place) => {
      await redis.call('copy', 'saved', place, 'replace');
      await redis.call('persist', place);
    },
    close: async () => {
      for (const node of nodes.toReversed()) await node.close();
      await proxy.close();
    },
  };
}
