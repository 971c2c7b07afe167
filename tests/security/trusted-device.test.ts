import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { anotherNetwork, documents, goodPassword, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

/** Limits are wider for a device that the account trusts: its owner gets in while strangers guess, and nobody gains by it. */

let app: TestApp;
beforeAll(async () => {
  app = await makeTestApp({
    clock: createFrozenClock(),
    env: { TRUST_PROXY: 'loopback', RATE_LIMIT_PERCENT: '100', CHALLENGE_ITERATIONS: '1' },
  });
});
afterAll(() => app.close());

type Headers = Readonly<Record<string, string>>;

async function attempt(email: string, headers: Headers, password = 'not the right password'): Promise<string> {
  const { data, text } = await new TestClient(app, { headers: { ...anotherNetwork(), ...headers } }).send(documents.login, {
    input: { email, password, delivery: 'TOKENS' },
  });
  if (!data) throw new Error(text);
  return data.login.code ?? data.login.__typename;
}

/** Uses up what strangers have at an account without work: three wrong passwords, or two and what its owner used. */
async function guessedAt(email: string): Promise<void> {
  const answers: string[] = [];
  for (let guess = 0; guess < 4; guess += 1) answers.push(await attempt(email, {}));
  expect(answers.slice(0, 2)).toEqual(['INVALID_CREDENTIALS', 'INVALID_CREDENTIALS']);
  expect(answers.at(-1)).toBe('CHALLENGE_REQUIRED');
}

async function trusting(person: Person): Promise<{ headers: Headers; client: TestClient }> {
  const headers = { 'x-device-id': randomUUID() };
  const { client } = await signIn(app, person, { headers: { ...anotherNetwork(), ...headers } });
  const { data } = await client.send(documents.trustDevice, { input: {} });
  expect(data.trustDevice.__typename).toBe('TrustDeviceSuccess');
  return { headers, client };
}

describe('a trusted device', () => {
  it('signs its owner in without work while strangers guess at the account', async () => {
    const person = await registeredPerson(app);
    const { headers } = await trusting(person);
    await guessedAt(person.email);
    expect(await attempt(person.email, headers, goodPassword)).toBe('LoginSuccess');
    expect(await attempt(person.email, {}, goodPassword)).toBe('CHALLENGE_REQUIRED');
  });

  it('is no more than four times as free: who took it guesses no further either', async () => {
    const person = await registeredPerson(app);
    const { headers } = await trusting(person);
    await guessedAt(person.email);
    const answers: string[] = [];
    // The throttle of the account is another matter.
    for (let guess = 0; guess < 100; guess += 1) answers.push(await attempt(person.email, headers));
    expect(answers.filter((answer) => answer !== 'CHALLENGE_REQUIRED').length).toBeLessThanOrEqual(72);
    expect(answers.at(-1)).toBe('CHALLENGE_REQUIRED');
  });

  it.each(['another account', 'an address without an account'])('of the attacker’s own is nothing at %s', async (of) => {
    const attacker = await registeredPerson(app);
    const { headers } = await trusting(attacker);
    const email = of === 'another account' ? (await registeredPerson(app)).email : `nobody-${randomUUID()}@example.com`;
    await guessedAt(email);
    expect(await attempt(email, headers)).toBe('CHALLENGE_REQUIRED');
  });

  it('is nothing once it is not trusted any more, and an unknown one is nothing', async () => {
    const person = await registeredPerson(app);
    const { headers, client } = await trusting(person);
    await guessedAt(person.email);
    expect(await attempt(person.email, { 'x-device-id': randomUUID() }, goodPassword)).toBe('CHALLENGE_REQUIRED');
    const { data } = await client.send(documents.devices);
    const [device] = data.viewer.devices.edges.filter(({ node }: { node: { isCurrent: boolean } }) => node.isCurrent);
    await client.send(documents.revokeDevice, { input: { deviceId: device.node.id } });
    expect(await attempt(person.email, headers, goodPassword)).toBe('CHALLENGE_REQUIRED');
  });

  it('costs the database nothing below a limit, and one statement at it, whether or not there is an account', async () => {
    const person = await registeredPerson(app);
    const { headers } = await trusting(person);
    const nobody = `nobody-${randomUUID()}@example.com`;
    const seen = vi.spyOn(pg.Client.prototype, 'query');
    const ofTrust = async (email: string) => {
      seen.mockClear();
      await attempt(email, headers);
      return seen.mock.calls.filter(([query]) => /"trusted_until" > /.test(String((query as { text?: unknown }).text ?? query)))
        .length;
    };
    try {
      expect([await ofTrust(person.email), await ofTrust(nobody)]).toEqual([0, 0]);
      for (const email of [person.email, nobody]) for (let guess = 0; guess < 3; guess += 1) await attempt(email, {});
      expect([await ofTrust(person.email), await ofTrust(nobody)]).toEqual([1, 1]);
    } finally {
      seen.mockRestore();
    }
  });
});
