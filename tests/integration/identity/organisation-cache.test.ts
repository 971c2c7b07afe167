import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OrganisationId } from '#kernel/ids.ts';
import { TestClient } from '#tests/support/client.ts';
import { openEventWriter } from '#tests/support/event-writer.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { startRedis } from '#tests/support/redis-server.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { registeredPerson, signIn } from '#tests/support/stories.ts';

const patience = { timeout: 10_000, interval: 20 };
const document = '{ viewer { organisation { id name } } }';
const redis = await startRedis();
afterAll(() => redis?.stop());

const ways: readonly { readonly way: string; readonly env: Readonly<Record<string, string>> }[] = [
  { way: 'without Redis', env: {} },
  ...(redis ? [{ way: 'with Redis', env: { REDIS_URL: redis.url } }] : []),
];

describe.each(ways)('the organisation as two nodes show it $way', ({ env: ofWay }) => {
  let apps: TestApp[];
  let rows: Rows;
  let readers: TestClient[];
  beforeAll(async () => {
    const env = { ...ofWay, PUBLIC_URL: 'http://id.example.test', TRUST_PROXY: 'loopback' };
    const one = await makeTestApp({ env });
    apps = [one, await makeTestApp({ env, besides: one })];
    rows = await openRows(one);
    const { accessToken } = await signIn(one, await registeredPerson(one));
    readers = apps.map((app) => new TestClient(app, { accessToken }));
  });
  afterAll(async () => {
    await rows.close();
    for (const app of apps.reverse()) await app.close();
  });

  const shown = () =>
    Promise.all(
      readers.map(async (reader) => (await reader.send(document)).data?.viewer.organisation as { id: string; name: string }),
    );
  const names = async () => (await shown()).map(({ name }) => name);

  it('comes from the cache, and is new once the event came that says it changed', async () => {
    const [before] = await shown();
    const [, app] = apps;
    if (!before || !app) throw new Error('nothing is shown');
    const writer = openEventWriter(app);
    // Past the product: nobody is told, so the copy is what is shown.
    await rows.query(`update organisations set name = 'Renamed'`);
    expect(await names()).toEqual([before.name, before.name]);
    await writer.transaction((tx) => writer.appendChangeOf(tx, before.id as OrganisationId));
    await expect.poll(names, patience).toEqual(['Renamed', 'Renamed']);
    await expect.poll(() => metricsOf(app), patience).toMatch(/cache_reads_total\{kind="organisation",result="l1"\} [1-9]/);
    await writer.close();
  });
});

async function metricsOf(app: TestApp): Promise<string> {
  return (await fetch(`${app.url}/metrics`)).text();
}
