import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, registeredPerson, signIn, signInWithCookie } from '#tests/support/stories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await makeTestApp();
});
afterAll(() => app.close());

describe('the first journey', () => {
  it('registers, confirms, signs in, refreshes, lists and revokes', async () => {
    const person = await registeredPerson(app);
    const first = await signIn(app, person);
    const second = await signIn(app, person);
    const viewer = await first.client.send(documents.viewer);
    expect(viewer.data).toMatchObject({
      viewer: { user: { id: person.userId, email: person.email }, session: { id: first.sessionId, isCurrent: true } },
    });

    const listed = await first.client.send(documents.sessions);
    expect(listed.data.viewer.sessions.edges.map((edge: { node: { id: string } }) => edge.node.id)).toEqual([
      second.sessionId,
      first.sessionId,
    ]);

    const refreshed = await new TestClient(app).send(documents.refreshSession, { input: { refreshToken: first.refreshToken } });
    expect(refreshed.data.refreshSession).toMatchObject({
      __typename: 'RefreshSessionSuccess',
      session: { id: first.sessionId },
    });

    const revoked = await first.client.send(documents.revokeSession, { input: { sessionId: second.sessionId } });
    expect(revoked.data.revokeSession).toMatchObject({ __typename: 'RevokeSessionSuccess', session: { id: second.sessionId } });
    const refused = await second.client.send(documents.viewer);
    expect(refused).toMatchObject({ status: 401, errors: [{ extensions: { code: 'ACCESS_TOKEN_INVALID' } }] });
  });

  it('does the same with a cookie', async () => {
    const person = await registeredPerson(app);
    const { client, sessionId } = await signInWithCookie(app, person);
    expect(client.cookie).toMatch(/^__Host-sallyport=spt_/);
    expect((await client.send(documents.viewer)).data.viewer.session.id).toBe(sessionId);
    expect((await client.send(documents.logout)).data.logout).toEqual({ __typename: 'LogoutSuccess', sessionId });
    expect(client.cookie).toBeUndefined();
  });

  it('pushes events live', async () => {
    const person = await registeredPerson(app);
    const { client } = await signIn(app, person);
    const socket = client.socket();
    const events = socket.iterate<{ securityEvents: { type: string } }>({
      query: documents.securityEvents,
      variables: { after: '0' },
    });
    const seen: string[] = [];
    for (const expected of [
      'registration.requested',
      'user.registered',
      'email.verified',
      'device.first_seen',
      'login.succeeded',
    ]) {
      const { value } = await events.next();
      seen.push(value?.data?.securityEvents.type ?? JSON.stringify(value));
      expect(seen.at(-1)).toBe(expected);
    }
    await signIn(app, person);
    expect((await events.next()).value?.data?.securityEvents.type).toBe('login.succeeded');
    await socket.dispose();
  });
});
