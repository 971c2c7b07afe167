import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, type Person, registeredPerson, signInWithCookie } from '#tests/support/stories.ts';

/** Requests that come at once may share a statement, and nothing else. */

let app: TestApp;
let people: Person[];

beforeAll(async () => {
  app = await makeTestApp({ env: { SESSION_CACHE_ENTRIES: '0' } });
  people = await Promise.all([1, 2, 3, 4].map(() => registeredPerson(app)));
});
afterAll(() => app?.close());

const whoAmI = async (client: Pick<TestClient, 'send'>) =>
  (await client.send<{ viewer: { user: { id: string }; session: { id: string } } | null }>(documents.viewer)).data?.viewer;

describe('sessions that are asked for at the same time', () => {
  it('are each their own, beside ended ones and such as never were', async () => {
    const signedIn = await Promise.all(
      people.flatMap((person) => [1, 2, 3].map(async () => ({ person, ...(await signInWithCookie(app, person)) }))),
    );
    const ended = signedIn.slice(0, 3);
    await Promise.all(ended.map(({ client }) => client.send(documents.logout)));
    const stranger = new TestClient(app);
    stranger.cookie = `__Host-sallyport=sst_${'A'.repeat(43)}`;
    for (let round = 0; round < 5; round += 1) {
      const [nobody, ...answers] = await Promise.all([stranger, ...signedIn.map(({ client }) => client)].map(whoAmI));
      expect(nobody).toBeNull();
      for (const [index, { person, sessionId }] of signedIn.entries())
        expect(answers[index]).toEqual(
          index < ended.length
            ? null
            : expect.objectContaining({
                user: expect.objectContaining({ id: person.userId }),
                session: expect.objectContaining({ id: sessionId }),
              }),
        );
    }
  });

  it('are refused when they ended before the request, however many ask', async () => {
    const signedIn: TestClient[] = [];
    for (const person of people) signedIn.push((await signInWithCookie(app, person)).client);
    const copies = signedIn.map(({ cookie }) => Object.assign(new TestClient(app), { cookie }));
    for (const [index, client] of signedIn.entries()) {
      const busy = copies.map(whoAmI);
      await client.send(documents.logout);
      const copy = copies[index] ?? client;
      expect(await Promise.all([copy, ...copies.slice(index + 1), copy].map(whoAmI))).toEqual([
        null,
        ...copies.slice(index + 1).map(() => expect.anything()),
        null,
      ]);
      await Promise.all(busy);
    }
  });
});
