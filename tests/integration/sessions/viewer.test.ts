import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { documents, goodPassword, registeredPerson, tokenOf } from '#tests/support/stories.ts';

let app: TestApp;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
});
afterAll(() => app.close());

const user = 'user { id email displayName status createdAt emailAddresses { id address isPrimary } }';
const viewer = `viewer { ${user} session { id isCurrent } organisation { id slug } permissions sessions { edges { node { id } } } }`;

// Until the answer is out, the request that signs in or confirms an address is itself from nobody.
describe('the answer that makes somebody of nobody', () => {
  it('tells everything of the viewer, as the next request does', async () => {
    const person = await registeredPerson(app);
    const client = new TestClient(app);
    const login = await client.send(
      `mutation($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { tokens { accessToken } ${viewer} } } }`,
      { input: { email: person.email, password: person.password, delivery: 'TOKENS' } },
    );
    expect(login.errors).toBeUndefined();
    client.accessToken = login.data.login.tokens.accessToken;
    const next = await client.send(`{ ${viewer} }`);
    const isCurrent = expect.any(Boolean);
    expect(login.data.login.viewer).toEqual({ ...next.data.viewer, session: { ...next.data.viewer.session, isCurrent } });
    expect(next.data.viewer.user.emailAddresses).toMatchObject([{ address: person.email, isPrimary: true }]);
  });

  it('tells everything of the person whose address was confirmed', async () => {
    const email = 'grace@example.com';
    const client = new TestClient(app);
    await client.send(documents.register, { input: { email, password: goodPassword, displayName: 'Grace Hopper' } });
    const token = tokenOf(await app.mailbox.waitFor(email, /confirm/i));
    const { data, errors } = await client.send(
      `mutation($input: VerifyEmailInput!) { verifyEmail(input: $input) { ... on VerifyEmailSuccess { ${user} } } }`,
      { input: { token, password: goodPassword } },
    );
    expect(errors).toBeUndefined();
    expect(data.verifyEmail.user).toMatchObject({
      email,
      status: 'ACTIVE',
      emailAddresses: [{ address: email, isPrimary: true }],
    });
  });
});
