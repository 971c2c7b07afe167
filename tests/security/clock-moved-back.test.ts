import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { boundHeaders, signInBound } from '#tests/support/dpop.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

let app: TestApp;
let person: Person;
beforeAll(async () => {
  app = await makeTestApp({ clock: createFrozenClock() });
  person = await registeredPerson(app);
});
afterAll(() => app.close());

/** The node's clock is this much earlier while `look` looks. */
async function movedBack<T>(seconds: number, look: () => Promise<T>): Promise<T> {
  app.clock.advance(-seconds);
  try {
    return await look();
  } finally {
    app.clock.advance(seconds);
  }
}

const codeOf = async (client: TestClient) => (await client.send(documents.viewer)).errors?.[0]?.extensions['code'];
const refresh = async (refreshToken: string) =>
  (await new TestClient(app).send(documents.refreshSession, { input: { refreshToken } })).data.refreshSession;

describe('when the clock is moved back', () => {
  it('tokens are from the future and refused beyond the 5 seconds by which clocks may differ', async () => {
    const { client } = await signIn(app, person);
    expect(await movedBack(5, () => codeOf(client))).toBeUndefined();
    expect(await movedBack(7, () => codeOf(client))).toBe('ACCESS_TOKEN_INVALID');
    expect(await codeOf(client)).toBeUndefined();
  });

  it('proofs of possession are from the future, too, and a used one stays used', async () => {
    const me = await signInBound(app, person);
    const headers = boundHeaders(app, me);
    const ask = async () =>
      (await new TestClient(app).send(documents.viewer, undefined, headers)).errors?.[0]?.extensions['code'];
    expect(await movedBack(5, ask)).toBeUndefined();
    expect(await movedBack(5, ask)).toBe('DPOP_PROOF_INVALID');
    expect(await movedBack(30, ask)).toBe('ACCESS_TOKEN_INVALID');
    expect(await ask()).toBe('DPOP_PROOF_INVALID');
  });

  it('no revoked session comes alive again', async () => {
    const [ended, other] = [await signIn(app, person), await signIn(app, person)];
    app.clock.advance(60);
    await other.client.send(documents.revokeSession, { input: { sessionId: ended.sessionId } });
    // To a moment after it began and before it was revoked, where its access token is good by itself.
    expect(await movedBack(30, () => codeOf(ended.client))).toBe('ACCESS_TOKEN_INVALID');
    expect(await movedBack(30, () => refresh(ended.refreshToken))).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
  });

  it('a used refresh token does not give its successor again: a copy would lead to the living end of the chain', async () => {
    const { refreshToken, client } = await signIn(app, person);
    app.clock.advance(60);
    const { tokens } = await refresh(refreshToken);
    app.clock.advance(20);
    expect(await movedBack(30, () => refresh(refreshToken))).toMatchObject({ code: 'REFRESH_TOKEN_INVALID' });
    // Refused, not punished: it was the clock.
    expect(await refresh(tokens.refreshToken)).toMatchObject({ __typename: 'RefreshSessionSuccess' });
    expect(await codeOf(client)).toBeUndefined();
  });
});
