import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { startLoad } from '#tests/support/mixed-load.ts';
import { startRedisCluster, type TestCluster } from '#tests/support/redis-cluster.ts';
import { failoverTests, startRedis } from '#tests/support/redis-server.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { type SlowProxy, startSlowProxy } from '#tests/support/slow-proxy.ts';
import { anotherNetwork, registeredPerson, signIn } from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

/** What docs/guides/degradation.md says of Redis, with people who sign in and out on two nodes all the while. */

const patience = { timeout: 20_000, interval: 50 };
const redis = await startRedis();
const cluster = redis && failoverTests ? await startRedisCluster() : null;
afterAll(() => Promise.all([redis?.stop(), cluster?.stop()]));

async function openNodes(env: Readonly<Record<string, string>>, ofTheSecond = {}): Promise<[TestApp, TestApp]> {
  const common = { PUBLIC_URL: 'http://id.example.test', TRUST_PROXY: 'loopback', DATABASE_POOL_MAX: '5' };
  const one = await makeTestApp({ env: { ...common, ...env } });
  return [one, await makeTestApp({ env: { ...common, ...env, ...ofTheSecond }, besides: one })];
}

async function gaugesOf(app: TestApp): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  return Object.fromEntries([...text.matchAll(/^(redis_\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]));
}

/** What happens on one node reaches a reader on the other, where nothing happens that would make it look by itself. */
async function expectEventsToArrive([here, there]: readonly [TestApp, TestApp]): Promise<void> {
  const person = await registeredPerson(here);
  const { accessToken } = await signIn(here, person, { headers: anotherNetwork() });
  const reader = watch(new TestClient(there, { accessToken }), { after: '0', filter: { types: ['login.succeeded'] } });
  await expect.poll(() => reader.events.length, patience).toBe(1);
  await signIn(here, person, { headers: anotherNetwork() });
  await expect.poll(() => reader.events.length, patience).toBe(2);
  await reader.stop();
}

const isReady = async (app: TestApp) => (await fetch(`${app.url}/health/ready`)).status === 200;

describe.skipIf(!redis)('two nodes in the middle of a load, whose Redis', () => {
  let nodes: [TestApp, TestApp];
  let rows: Rows;
  let proxy: SlowProxy;
  beforeAll(async () => {
    if (!redis) return;
    proxy = await startSlowProxy(redis.port);
    nodes = await openNodes({ REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
    rows = await openRows(nodes[0]);
  });
  afterAll(async () => {
    await rows?.close();
    for (const node of [...(nodes ?? [])].reverse()) await node.close();
    await proxy?.close();
  });
  const allHave = (gauges: Readonly<Record<string, number>>) =>
    expect.poll(() => Promise.all(nodes.map(gaugesOf)), patience).toEqual(nodes.map(() => gauges));

  it('is killed and comes back: no answer is wrong, no revocation lost, no event missed', async () => {
    const load = await startLoad(nodes);
    await load.goOn(6);
    await redis?.kill();
    await load.goOn(9);
    expect((await gaugesOf(nodes[0]))['redis_connected']).toBe(0);
    await expectEventsToArrive(nodes);
    expect(await Promise.all(nodes.map(isReady))).toEqual([true, true]);
    await redis?.restart();
    await allHave({ redis_connected: 1, redis_circuit_state: 0 });
    await load.goOn(6);
    await load.finish(rows);
  });

  it('is flushed: the same', async () => {
    const load = await startLoad(nodes);
    await load.goOn(3);
    for (let time = 0; time < 3; time += 1) {
      await redis?.call('flushall');
      await load.goOn(3);
    }
    await load.finish(rows);
  });

  it('is full: the same', async () => {
    const load = await startLoad(nodes);
    await load.goOn(3);
    await redis?.call('config', 'set', 'maxmemory', '1');
    await load.goOn(6);
    // It answers, so it is no outage.
    await allHave({ redis_connected: 1, redis_circuit_state: 0 });
    await redis?.call('config', 'set', 'maxmemory', '0');
    await load.goOn(3);
    await load.finish(rows);
  });

  it('takes two seconds for everything: the same, and it is left alone until it is quick again', async () => {
    const load = await startLoad(nodes);
    await load.goOn(3);
    proxy.delayMs = 2_000;
    await load.goOn(9);
    await expect.poll(async () => (await gaugesOf(nodes[0]))['redis_circuit_state'], patience).toBe(2);
    expect(await Promise.all(nodes.map(isReady))).toEqual([true, true]);
    proxy.delayMs = 0;
    await allHave({ redis_connected: 1, redis_circuit_state: 0 });
    await load.goOn(3);
    await load.finish(rows);
    const lines = nodes[0].logs.filter(({ fields }) => fields['dependency'] === 'redis').map(({ message }) => message);
    // One when it opened and one when it closed, not one for each call.
    expect(lines.length).toBeLessThanOrEqual(6);
    expect(lines.at(-1)).toContain('answers again');
  });
});

describe.skipIf(!cluster || !failoverTests)('two nodes on a Redis Cluster, in the middle of a load', () => {
  let nodes: [TestApp, TestApp];
  let rows: Rows;
  beforeAll(async () => {
    nodes = await openNodes({ REDIS_URLS: (cluster as TestCluster).urls });
    rows = await openRows(nodes[0]);
  });
  afterAll(async () => {
    await rows?.close();
    for (const node of [...(nodes ?? [])].reverse()) await node.close();
  });

  it('lose a primary by kill -9 and go on through the failover: no wrong answer, no lost revocation, no missed event', async () => {
    if (!cluster) throw new Error('there is no Cluster');
    const [victim, witness] = cluster.nodes;
    if (!victim || !witness) throw new Error('a Cluster has nodes');
    const load = await startLoad(nodes);
    await load.goOn(6);
    await victim.kill();
    await load.goOn(9);
    // The victim counts as one until its replica has taken its place.
    await expect.poll(async () => (await cluster.primaries(witness)).filter((node) => node !== victim).length, patience).toBe(3);
    await expect
      .poll(() => Promise.all(nodes.map(gaugesOf)), patience)
      .toEqual(nodes.map(() => ({ redis_connected: 1, redis_circuit_state: 0 })));
    await load.goOn(6);
    await load.finish(rows);
  });
});

describe.skipIf(!redis)('two nodes of which neither hears the other, though both are connected', () => {
  it('go on: no wrong answer, no lost revocation, no missed event', async () => {
    if (!redis) throw new Error('there is no redis-server');
    // Each tells its own namespace, so every message is lost on the other, and nobody notices.
    const nodes = await openNodes({ REDIS_URL: redis.url }, { REDIS_NAMESPACE: 'elsewhere' });
    const rows = await openRows(nodes[0]);
    const load = await startLoad(nodes);
    await load.goOn(6);
    await load.finish(rows);
    await expectEventsToArrive(nodes);
    await rows.close();
    for (const node of [...nodes].reverse()) await node.close();
  });
});
