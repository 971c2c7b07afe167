import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { mostUnconfirmedMs } from '#capabilities/sessions/session-cache.ts';
import { TestClient } from './client.ts';
import type { TestApp } from './make-test-app.ts';
import type { Rows } from './rows.ts';
import { anotherNetwork, documents, type Person, registeredPerson, signIn } from './stories.ts';
import { type Watch, watch } from './watch.ts';

const patience = { timeout: 20_000, interval: 20 };
const mostRounds = 300;
const viewer = '{ viewer { user { id } session { id } organisation { slug } } }';

export interface Load {
  /** What was answered otherwise than it must be. */
  readonly wrong: readonly string[];
  /** Runs on for so many further rounds of all workers together. */
  goOn(rounds: number): Promise<void>;
  /** Ends the load and checks that no answer was wrong, no revocation lost and no event missed on either node. */
  finish(rows: Rows): Promise<void>;
}

/**
 * People who sign in on one node, are seen by both, are signed out by the other, and must be nobody there at once and for
 * both within a second, again and again. Each has a reader of their events on either node.
 */
export async function startLoad(nodes: readonly [TestApp, TestApp], workers = 3): Promise<Load> {
  const wrong: string[] = [];
  const ended: { readonly accessToken: string; readonly sessionId: string; readonly at: number }[] = [];
  let rounds = 0;
  let stopped = false;

  const answerOf = async (app: TestApp, accessToken: string) => new TestClient(app, { accessToken }).send(viewer);

  type IsRight = (answer: Awaited<ReturnType<typeof answerOf>>) => boolean;
  const isRefused: IsRight = ({ status }) => status === 401;

  async function expectAt(app: TestApp, what: string, accessToken: string, right: IsRight) {
    const answer = await answerOf(app, accessToken);
    if (!right(answer)) wrong.push(`${what}, node ${nodes.indexOf(app)}: ${answer.status} ${answer.text}`);
  }

  async function expectEverywhere(what: string, accessToken: string, right: IsRight) {
    for (const app of nodes) await expectAt(app, what, accessToken, right);
  }

  async function work(person: Person, worker: number): Promise<void> {
    for (let round = 0; round < mostRounds && !stopped; round += 1) {
      const [here, there] = (worker + round) % 2 === 0 ? nodes : [nodes[1], nodes[0]];
      try {
        const { accessToken, sessionId } = await signIn(here, person, { headers: anotherNetwork() });
        await expectEverywhere('signed in', accessToken, ({ status, data }) => {
          return status === 200 && data?.viewer.user.id === person.userId && data.viewer.session.id === sessionId;
        });
        const out = await new TestClient(there, { accessToken }).send(documents.logout);
        if (out.data?.logout.sessionId !== sessionId) wrong.push(`signed out: ${out.status} ${out.text}`);
        await expectAt(there, 'ended here', accessToken, isRefused);
        ended.push({ accessToken, sessionId, at: performance.now() });
        // The other node may go by its memory for a moment; then none may any more, and this one not again either.
        const due = ended.find(({ at }) => performance.now() - at > mostUnconfirmedMs);
        if (due) await expectEverywhere('ended a second ago', due.accessToken, isRefused);
      } catch (error) {
        wrong.push(String(error));
      }
      rounds += 1;
    }
  }

  const people: Person[] = [];
  for (let worker = 0; worker < workers; worker += 1) people.push(await registeredPerson(nodes[0]));
  const readers: Watch[] = [];
  for (const person of people) {
    const { accessToken } = await signIn(nodes[0], person, { headers: anotherNetwork() });
    readers.push(
      ...nodes.map((app) => watch(new TestClient(app, { accessToken }), { after: '0', filter: { types: ofTheLoad } })),
    );
  }
  const running = Promise.all(people.map(work));
  return {
    wrong,
    goOn: async (more) => {
      const goal = rounds + more;
      await expect.poll(() => rounds, { timeout: 60_000, interval: 20 }).toBeGreaterThanOrEqual(goal);
    },
    finish: async (rows) => {
      stopped = true;
      await running;
      expect(wrong).toEqual([]);
      await pause(mostUnconfirmedMs);
      for (const { accessToken } of ended) await expectEverywhere('ended before', accessToken, isRefused);
      expect(wrong).toEqual([]);
      const revoked = await rows.query<{ id: string }>(
        `select id::text from sessions where revoked_at is not null and id::text = any($1)`,
        [ended.map(({ sessionId }) => sessionId)],
      );
      expect(revoked).toHaveLength(ended.length);
      for (const [index, person] of people.entries()) {
        const log = await rows.query<{ id: string }>(
          'select id from event_log where subject_id = $1 and type = any($2) order by position',
          [person.userId, ofTheLoad],
        );
        for (const reader of readers.slice(index * 2, index * 2 + 2)) {
          await expect.poll(() => reader.events.map(({ id }) => id), patience).toEqual(log.map(({ id }) => id));
        }
      }
      await Promise.all(readers.map((reader) => reader.stop()));
    },
  };
}

const ofTheLoad = ['login.succeeded', 'session.revoked'];
