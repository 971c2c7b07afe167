import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostUnconfirmedMs } from '#capabilities/sessions/session-cache.ts';
import { type LendingNodes, metric, openLendingNodes, statusAt } from '#tests/support/lending-nodes.ts';
import type { TestApp } from '#tests/support/make-test-app.ts';
import { startRedis, type TestRedis } from '#tests/support/redis-server.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { until } from '#tests/support/until.ts';

/** Four nodes that lend each other sessions, and what becomes of these when their Redis fails. */
const server = await startRedis();
const redis = server as TestRedis;
let deployment: LendingNodes;
let nodes: readonly TestApp[];
let person: Person;

beforeAll(async () => {
  if (!server) return;
  deployment = await openLendingNodes(redis, 4);
  ({ nodes } = deployment);
  person = await registeredPerson(nodes[0] as TestApp);
});
afterAll(async () => {
  await deployment?.close();
  await server?.stop();
});

interface Fault {
  readonly what: string;
  begin(): unknown;
  end(): unknown;
}

const faults: readonly Fault[] = [
  {
    what: 'drops every message',
    begin: () => redis.call('acl', 'setuser', 'default', '-publish'),
    end: () => redis.call('acl', 'setuser', 'default', '+publish'),
  },
  {
    what: 'is flushed and full',
    begin: async () => {
      await redis.call('flushall');
      await redis.call('config', 'set', 'maxmemory', '1');
    },
    end: () => redis.call('config', 'set', 'maxmemory', '0'),
  },
  {
    what: 'takes two seconds for everything',
    begin: () => {
      deployment.proxy.delayMs = 2_000;
    },
    end: () => {
      deployment.proxy.delayMs = 0;
    },
  },
  { what: 'is killed', begin: () => redis.kill(), end: () => redis.restart() },
];

describe.skipIf(!server)('four nodes whose Redis', () => {
  it.each(faults)(
    '$what sign nobody out and honour nothing revoked: at once on its node, after a second on no other',
    async (fault) => {
      const first = nodes[0] as TestApp;
      const kept = await deployment.hadBy(nodes[1] as TestApp, person);
      const before = await deployment.hadBy(nodes[1] as TestApp, person);
      const during = await deployment.lentSession(person);
      await deployment.save(before.place);
      await before.client.send(documents.logout);
      await fault.begin();
      await during.client.send(documents.logout);
      for (const me of [before, during]) expect(await statusAt(first, me)).toBe(401);
      const anew = await signIn(first, person);
      // Not a measurement: nothing revoked may be honoured any more after the time that the product promises.
      await pause(mostUnconfirmedMs);
      const expectRightAnswers = async () => {
        const asked = nodes.flatMap((node) => [kept, anew, before, during].map((me) => statusAt(node, me)));
        expect(await Promise.all(asked)).toEqual(nodes.flatMap(() => [200, 200, 401, 401]));
      };
      for (let time = 0; time < 2; time += 1) await expectRightAnswers();
      await fault.end();
      await until('Redis is used again', async () => {
        const states = await Promise.all(nodes.map((node) => metric(node, 'redis_connected')));
        return states.every((state) => state === 1);
      });
      // A killed one lost what was saved.
      await deployment.putBack(before.place);
      for (let time = 0; time < 2; time += 1) await expectRightAnswers();
    },
  );
});
