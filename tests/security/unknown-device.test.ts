import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { allMailTo, eventsAbout } from '#tests/support/background.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import {
  documents,
  goodPassword,
  type Person,
  registeredPerson,
  signIn,
  signInWithCookie,
  tokenOf,
} from '#tests/support/stories.ts';
import { watch } from '#tests/support/watch.ts';

const newPassword = 'fourteen hopeful orange giraffes';
const thiefs = { headers: { 'user-agent': 'curl/8.5.0' } };

let app: TestApp;
let rows: Rows;
let person: Person;
let home: TestClient;
beforeAll(async () => {
  app = await makeTestApp({ env: { TRUST_PROXY: 'loopback' } });
  rows = await openRows(app);
});
beforeEach(async () => {
  person = await registeredPerson(app);
  home = (await signInWithCookie(app, person)).client;
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

async function mailedLink(): Promise<string> {
  const { text } = await app.mailbox.waitFor(person.email, /new sign-in/i);
  const link = /https?:\/\/\S+\/unknown-device#token=\S+/.exec(text)?.[0];
  if (!link) throw new Error(`no link in: ${text}`);
  return link;
}

const report = async (token: string) =>
  (await new TestClient(app).send(documents.reportUnknownDevice, { input: { token } })).data.reportUnknownDevice;
const login = async (password: string) =>
  (await new TestClient(app, thiefs).send(documents.login, { input: { email: person.email, password } })).data.login;

describe('the link “this was not me”', () => {
  it('puts the thief out, closes the password to them, and starts the recovery of the owner', async () => {
    const { client: thief } = await signIn(app, person, thiefs);
    // Under another name, of which no mail was sent yet or will be.
    const { client: again } = await signIn(app, person, { headers: { ...thiefs.headers, 'x-device-id': 'another-0123456789' } });
    const socket = watch(thief, { after: '0' });
    await expect.poll(() => socket.events.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await report(tokenOf({ text: await mailedLink() }))).toEqual({
      __typename: 'ReportUnknownDeviceSuccess',
      revokedSessionCount: 3,
    });
    await expect.poll(() => socket.closed.map(({ code }) => code), { timeout: 1_000, interval: 10 }).toEqual([4401]);
    expect((await thief.send(documents.viewer)).status).toBe(401);
    expect(await login(goodPassword)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect((await again.send(documents.viewer)).status).toBe(401);
    // Nobody can tell the owner's sessions from a thief's; the mail that follows lets them in with a password only they know.
    expect((await home.send(documents.viewer)).data.viewer).toBeNull();
    const token = tokenOf(await app.mailbox.waitFor(person.email, /new password/i));
    await new TestClient(app).send(documents.resetPassword, { input: { token, newPassword } });
    expect(await login(newPassword)).toMatchObject({ __typename: 'LoginSuccess' });
    expect(await eventsAbout(rows, person.userId, 'device.reported')).toEqual([
      { type: 'device.reported', subjectId: person.userId, severity: 'critical' },
    ]);
  });

  it('does nothing when a mail scanner visits it: neither by GET, nor by HEAD, nor as a query', async () => {
    const { client: thief } = await signIn(app, person, thiefs);
    const link = new URL(await mailedLink());
    const token = link.hash.slice('#token='.length);
    const page = `${app.url}${link.pathname}`;
    for (const method of ['GET', 'HEAD', 'POST']) await fetch(`${page}?token=${token}`, { method });
    const mutation = encodeURIComponent(`mutation { reportUnknownDevice(input: { token: "${token}" }) { __typename } }`);
    const byGet = await fetch(`${app.url}/graphql?query=${mutation}`, { headers: { 'graphql-require-preflight': '1' } });
    expect(byGet.status).toBe(405);
    expect((await thief.send(documents.viewer)).data.viewer.user.id).toBe(person.userId);
    expect(await report(token)).toMatchObject({ __typename: 'ReportUnknownDeviceSuccess' });
  });

  it('works once, also for two at the same moment, and not after seven days', async () => {
    await signIn(app, person, thiefs);
    const token = tokenOf({ text: await mailedLink() });
    const outcomes = await Promise.all([report(token), report(token)]);
    expect(outcomes.map(({ __typename }) => __typename).sort()).toEqual(['ReportUnknownDeviceSuccess', 'TokenInvalidError']);
    expect(await report(token)).toMatchObject({ code: 'TOKEN_INVALID' });
    expect(await allMailTo(app, rows, person.email, /new password/i)).toHaveLength(1);

    person = await registeredPerson(app);
    await signInWithCookie(app, person);
    await signIn(app, person, thiefs);
    const late = tokenOf({ text: await mailedLink() });
    app.clock.advance(7 * 86_400 + 1);
    expect(await report(late)).toMatchObject({ code: 'TOKEN_INVALID' });
    expect(await login(goodPassword)).toMatchObject({ __typename: 'LoginSuccess' });
  });

  it('is no link of anything else: neither a made-up token nor that of a reset', async () => {
    await home.send(documents.requestPasswordReset, { input: { email: person.email } });
    const reset = tokenOf(await app.mailbox.waitFor(person.email, /new password/i));
    for (const token of [reset, `sdr_${reset.slice(4)}`, 'sdr_', ''])
      expect(await report(token), token).toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('beats a sign-in of the thief that is under way', async () => {
    await signIn(app, person, thiefs);
    const token = tokenOf({ text: await mailedLink() });
    const [, ...attempts] = await Promise.all([report(token), ...Array.from({ length: 4 }, () => login(goodPassword))]);
    // Whichever came first: a session that began by the reported device is over, one by a forgotten device never began.
    const tokens = attempts.flatMap((attempt) => (attempt.tokens ? [attempt.tokens.accessToken] : []));
    for (const accessToken of tokens)
      expect((await new TestClient(app, { accessToken }).send(documents.viewer)).status).toBe(401);
    expect(await login(goodPassword)).toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });
});
