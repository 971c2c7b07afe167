import { GraphQLUnionType, isNonNullType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, registeredPerson, signedInAdmin, signIn } from '#tests/support/stories.ts';
import { schema } from '#transport/graphql/schema.ts';

// A hundredth of the limits: a network has 200 requests a minute. One guess is always allowed, however small the limit.
let app: TestApp;
let rows: Rows;
beforeAll(async () => {
  app = await makeTestApp({
    clock: createFrozenClock(),
    env: { TRUST_PROXY: 'loopback', RATE_LIMIT_PERCENT: '1', CHALLENGE_ITERATIONS: '1' },
  });
  rows = await openRows(app);
});
afterAll(async () => {
  await rows.close();
  await app.close();
});

let networks = 0;
function freshNetwork() {
  networks += 1;
  return { 'x-forwarded-for': `30.${networks >> 8}.${networks & 255}.7` };
}

async function eventsOf(type: string): Promise<{ data: Record<string, string> }[]> {
  return rows.query(
    `select convert_from(canonical, 'UTF8')::jsonb -> 'data' as data from (
       select canonical, type from event_log union all select canonical, type from event_outbox) as appended where type = $1`,
    [type],
  );
}

describe('requests of one network', () => {
  it('are told what is left, and refused before they are read when nothing is', async () => {
    const headers = freshNetwork();
    const get = () => fetch(`${app.url}/nothing-here`, { headers });
    const first = await get();
    expect(first.status).toBe(404);
    expect(first.headers.get('ratelimit-policy')).toBe('"address";q=200;w=60, "subnet";q=600;w=60');
    expect(first.headers.get('ratelimit')).toBe('"address";r=199;t=60');
    expect(first.headers.get('retry-after')).toBeNull();
    for (let request = 2; request <= 200; request += 1) await (await get()).arrayBuffer();
    const refused = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', origin: app.url },
      body: '{ "query": broken',
    });
    expect(refused.status).toBe(429);
    const wait = Number(refused.headers.get('retry-after'));
    expect(wait).toBeGreaterThan(60);
    expect(wait).toBeLessThanOrEqual(66);
    expect(refused.headers.get('ratelimit')).toBe(`"address";r=0;t=${wait}`);
    expect(refused.headers.get('access-control-expose-headers')).toContain('ratelimit');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429, retryAfterSeconds: wait });
    // Those that watch the node and fetch its keys are let through, another network too.
    for (const path of ['/health/live', '/.well-known/jwks.json'])
      expect((await fetch(app.url + path, { headers })).status).toBe(200);
    expect((await fetch(`${app.url}/nothing-here`, { headers: freshNetwork() })).status).toBe(404);
    app.clock.advance(wait);
    expect((await get()).status).toBe(404);
  });

  it('are counted as the handshakes of WebSockets too', async () => {
    const headers = freshNetwork();
    const client = new TestClient(app);
    for (let request = 1; request <= 200; request += 1) await (await fetch(`${app.url}/nothing-here`, { headers })).arrayBuffer();
    const closed: number[] = [];
    const socket = client.socket((code) => closed.push(code), headers);
    const failed = await new Promise((resolve) => {
      socket.subscribe(
        { query: 'subscription { securityEvents { id } }' },
        { next: () => {}, error: resolve, complete: () => {} },
      );
    });
    expect(String((failed as { message?: string }).message)).toContain('429');
  });
});

describe('a limit that is reached', () => {
  it('is shown to administrators, told once by an event, and counted, without naming anybody', async () => {
    const admin = await signedInAdmin(app);
    const headers = freshNetwork();
    const email = 'somebody.private@example.com';
    const hit = async () => {
      const input = { email, password: 'not the right one' };
      return (await new TestClient(app).send(documents.login, { input }, headers)).data.login.code;
    };
    const before = (await eventsOf('rate_limit.reached')).length;
    const codes: string[] = [];
    for (let round = 0; round < 5; round += 1) codes.push(await hit());
    expect(codes).toEqual(['INVALID_CREDENTIALS', 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
    await expect.poll(async () => (await eventsOf('rate_limit.reached')).length - before).toBe(1);

    const { data, text } = await admin.client.send(
      '{ rateLimits { policy dimension subject until } }',
      undefined,
      freshNetwork(),
    );
    const told = (await eventsOf('rate_limit.reached')).find((event) => event.data['policy'] === 'login');
    expect(data.rateLimits).toContainEqual({
      policy: 'login',
      dimension: 'ADDRESS',
      subject: told?.data['subject'],
      until: expect.any(String),
    });
    expect(`${text} ${JSON.stringify(told)}`).not.toMatch(/private|30\.\d+\.\d+\.7/);

    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toContain('rate_limit_outcomes_total{outcome="refused",policy="login",dimension="address"} 4');

    app.clock.advance(1_000);
    const again = await signIn(app, admin.person, { headers: freshNetwork() });
    const later = await again.client.send('{ rateLimits { subject } }');
    expect(later.data.rateLimits.map((limit: { subject: string }) => limit.subject)).not.toContain(told?.data['subject']);
  });

  it('is shown to nobody else', async () => {
    const query = '{ rateLimits { subject } }';
    expect((await new TestClient(app).send(query, undefined, freshNetwork())).errors?.[0]?.extensions['code']).toBe(
      'UNAUTHENTICATED',
    );
    const member = await signIn(app, await registeredPerson(app), { headers: freshNetwork() });
    expect((await member.client.send(query)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  it('by reading answers 429 with Retry-After', async () => {
    const { client } = await signIn(app, await registeredPerson(app), { headers: freshNetwork() });
    const answers: GraphqlAnswer[] = [];
    for (let round = 0; round < 65; round += 1) answers.push(await client.send('{ viewer { user { id } } }'));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED' });
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await client.send('{ a: viewer { user { id } } b: viewer { user { id } } }')).status).toBe(429);
  });
});

describe('subscriptions', () => {
  it('are counted as they are opened, and not by what they bring', async () => {
    // The others signed up from this subnet too.
    app.clock.advance(4_000);
    const { client } = await signIn(app, await registeredPerson(app), { headers: freshNetwork() });
    const socket = client.socket();
    const outcomes: string[] = [];
    const open = () =>
      socket.subscribe<Record<string, unknown>>(
        { query: 'subscription { securityEvents(after: "0") { id } }' },
        {
          next: ({ errors }) => outcomes.push(errors?.[0] ? String(errors[0].extensions?.['code']) : 'event'),
          error: (error) => outcomes.push(JSON.stringify(error)),
          complete: () => {},
        },
      );
    const refused = () => outcomes.filter((outcome) => outcome.includes('RATE_LIMITED')).length;
    for (let opened = 0; opened < 3; opened += 1) open();
    // Several for each: registered, verified, signed in.
    await expect
      .poll(() => outcomes.filter((outcome) => outcome === 'event').length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(6);
    expect(refused()).toBe(0);
    open();
    await expect.poll(refused, { timeout: 10_000 }).toBe(1);
    await socket.dispose();
  });
});

describe('the results of mutations', () => {
  it('all have a place for the limit', () => {
    const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
    const without = fields.filter(({ type }) => {
      const result = isNonNullType(type) ? type.ofType : type;
      return !(result instanceof GraphQLUnionType) || !result.getTypes().some(({ name }) => name === 'RateLimitedError');
    });
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});
