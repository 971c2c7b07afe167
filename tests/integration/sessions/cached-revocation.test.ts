import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mostUnconfirmedMs } from '#capabilities/sessions/session-cache.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, goodPassword, type Person, registeredPerson, type SignedIn, signIn } from '#tests/support/stories.ts';

/** Four nodes of one deployment, each with sessions in its memory. */
let nodes: TestApp[];
let person: Person;

beforeAll(async () => {
  const first = await makeTestApp();
  nodes = [first];
  while (nodes.length < 4) nodes.push(await makeTestApp({ besides: first, env: { PUBLIC_URL: first.url } }));
  person = await registeredPerson(first);
});
afterAll(async () => {
  for (const node of nodes.toReversed()) await node.close();
});

async function metric(node: TestApp, name: string): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1]);
}

const statusAt = async (node: TestApp, { accessToken }: SignedIn): Promise<number> =>
  (await new TestClient(node, { accessToken }).send(documents.viewer)).status;

/** Uses the session on every node until each answers from memory. */
async function warm(me: SignedIn): Promise<void> {
  for (const node of nodes) {
    const before = await metric(node, 'session_cache_hits');
    // What happened at the sign-in counts as a change of the person until the log has told of it.
    const hits = async () => {
      expect(await statusAt(node, me)).toBe(200);
      return metric(node, 'session_cache_hits');
    };
    await expect.poll(hits, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before);
  }
}

const endings: [string, (me: SignedIn) => Promise<unknown>][] = [
  ['signing out', ({ client }) => client.send(documents.logout)],
  [
    'being revoked by another session',
    async ({ sessionId }) =>
      (await signIn(nodes[0] as TestApp, person)).client.send(documents.revokeSession, { input: { sessionId } }),
  ],
  [
    'a change of the password',
    async () =>
      (await signIn(nodes[0] as TestApp, person)).client.send(documents.changePassword, {
        input: { currentPassword: goodPassword, newPassword: goodPassword.toUpperCase() },
      }),
  ],
];

describe('a session that ends', () => {
  it.each(endings)('by %s is refused at once where it ended, and soon by every other node, for good', async (_name, end) => {
    const me = await signIn(nodes[0] as TestApp, person);
    await warm(me);
    await end(me);
    expect(await statusAt(nodes[0] as TestApp, me)).toBe(401);
    // Not a measurement: it must not be honoured any more after the time that the product promises.
    await pause(mostUnconfirmedMs);
    for (const node of nodes) expect(await statusAt(node, me)).toBe(401);
    for (const node of nodes) expect(await statusAt(node, me)).toBe(401);
  });
});
