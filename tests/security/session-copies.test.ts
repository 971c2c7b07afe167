import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostUnconfirmedMs } from '#capabilities/sessions/session-cache.ts';
import {
  type LendingNodes,
  type LentSession,
  metric,
  openLendingNodes,
  sharedHits,
  sharedMisses,
  statusAt,
  viewerAt,
} from '#tests/support/lending-nodes.ts';
import type { TestApp } from '#tests/support/make-test-app.ts';
import { startRedis, type TestRedis } from '#tests/support/redis-server.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';
import { until } from '#tests/support/until.ts';

/** Somebody else reads and writes the Redis through which nodes lend each other sessions. */
const server = await startRedis();
const redis = server as TestRedis;
let deployment: LendingNodes;
let here: TestApp;
let there: TestApp;
let person: Person;

beforeAll(async () => {
  if (!server) return;
  deployment = await openLendingNodes(redis, 2);
  [here, there] = deployment.nodes as [TestApp, TestApp];
  person = await registeredPerson(here);
});
afterAll(async () => {
  await deployment?.close();
  await server?.stop();
});

describe.skipIf(!server)('copies of sessions in Redis', () => {
  it('tell whoever reads them nothing: neither who it is, nor which session, nor a token', async () => {
    const me = await deployment.hadBy(there, person);
    const places = await deployment.places();
    const all = (await Promise.all(places.map(async (place) => `${place} ${await redis.call('get', place)}`))).join('\n');
    expect(all).toMatch(/^sallyport:\{[A-Za-z0-9_-]{32}\}:session/m);
    for (const secret of [person.email, person.userId, me.sessionId, me.accessToken, 'Ada Lovelace', '127.0.0.1', 'usr_'])
      expect(all).not.toContain(secret);
    const left = Number(await redis.call('pttl', me.place));
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
  });

  it('can not be forged: what is none is not taken, and the database answers', async () => {
    for (const forged of ['', '{"user":"admin"}', '\x01'.repeat(300), '1 99 1 2 []']) {
      const me = await deployment.lentSession(person);
      await redis.call('set', me.place, forged);
      const before = await sharedMisses(there);
      const { status, data } = await viewerAt(there, me);
      expect([status, data?.viewer.user.id]).toEqual([200, person.userId]);
      expect(await sharedMisses(there)).toBeGreaterThan(before);
    }
  });

  it('make nobody another person by being moved under that one’s key', async () => {
    const other = await registeredPerson(here);
    const [mine, theirs] = [await deployment.lentSession(person), await deployment.lentSession(other)];
    await redis.call('copy', theirs.place, mine.place, 'replace');
    const before = await sharedMisses(there);
    expect((await viewerAt(there, mine)).data?.viewer.user.id).toBe(person.userId);
    expect(await sharedMisses(there)).toBe(before + 1);
  });

  it('bring no session back that was revoked since: neither where it was, nor elsewhere, nor on a node that starts later', async () => {
    const me = await deployment.hadBy(there, person);
    await deployment.save(me.place);
    await me.client.send(documents.logout);
    await deployment.putBack(me.place);
    expect(await statusAt(here, me)).toBe(401);
    await pause(mostUnconfirmedMs);
    const late = await deployment.openNode();
    try {
      for (const node of [here, there, late]) {
        const before = await sharedMisses(node);
        await until('the node asks Redis', async () => {
          await deployment.putBack(me.place);
          expect(await statusAt(node, me)).toBe(401);
          return (await sharedMisses(node)) > before;
        });
      }
    } finally {
      await late.close();
    }
  });

  it('serve a node that starts after they were made, though there are events since', async () => {
    const lent: LentSession[] = [];
    while (lent.length < 6) lent.push(await deployment.lentSession(person));
    await (await signIn(here, person)).client.send(documents.logout);
    const late = await deployment.openNode();
    try {
      await until('the node has read the log', async () => {
        const other = await signIn(here, person);
        for (let time = 0; time < 2; time += 1) await statusAt(late, other);
        return (await metric(late, 'session_cache_hits')) > 0;
      });
      const before = await sharedHits(late);
      // More than one, since an answer of Redis that is late on a busy machine is none.
      await until('it has one of them from Redis', async () => {
        const me = lent.pop();
        if (!me) throw new Error('it had none of them from Redis');
        expect(await statusAt(late, me)).toBe(200);
        return (await sharedHits(late)) > before;
      });
    } finally {
      await late.close();
    }
  });
});
