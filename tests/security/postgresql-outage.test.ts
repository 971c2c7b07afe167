import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '#kernel/secret.ts';
import { createSealer } from '#platform/crypto/index.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#platform/db/embedded/index.ts';
import { createPool } from '#platform/db/index.ts';
import { startJobWorker } from '#platform/jobs/index.ts';
import { type GraphqlAnswer, TestClient } from '#tests/support/client.ts';
import { createFrozenClock, makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows } from '#tests/support/rows.ts';
import { silent } from '#tests/support/silent-logger.ts';
import { anotherNetwork, documents, goodPassword, type Person, registeredPerson, signIn } from '#tests/support/stories.ts';

const patience = { timeout: 20_000, interval: 20 };

let folder: string;
let postgres: EmbeddedPostgres;
let app: TestApp;
let people: Person[];

/** The same server on the same port with the same data, as an operator restarts it. */
const startPostgres = () => startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sallyport-outage-'));
  // Started by root, PostgreSQL runs as another user, who has to pass through here.
  await chmod(folder, 0o711);
  postgres = await startPostgres();
  app = await makeTestApp({
    env: { DATABASE_URL: postgres.url.reveal(), DATABASE_STATEMENT_TIMEOUT_MS: '2000', TRUST_PROXY: 'loopback' },
    // Stands still, so that no token's grace runs out while the machine is busy.
    clock: createFrozenClock(),
  });
  people = await Promise.all(Array.from({ length: 8 }, () => registeredPerson(app)));
});
afterAll(async () => {
  await app?.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
});

const clientOf = () => new TestClient(app, { headers: anotherNetwork() });
const login = (person: Person, password = goodPassword) =>
  clientOf().send(documents.login, { input: { email: person.email, password, delivery: 'TOKENS' } });
const refresh = (refreshToken: string) => clientOf().send(documents.refreshSession, { input: { refreshToken } });
const viewer = (accessToken: string) => new TestClient(app, { accessToken }).send(documents.viewer);

/** What an answer says: a member of the union, who is signed in, or the code of a refusal with its status. */
function outcomeOf({ status, data, errors, headers }: GraphqlAnswer): string {
  const code = errors?.[0]?.extensions['code'];
  if (code !== undefined)
    return `${status} ${code}${status === 503 && headers.get('retry-after') === null ? ' without Retry-After' : ''}`;
  const [value] = Object.values(data ?? {}) as ({ __typename?: string; user?: { id: string } } | null)[];
  return value?.__typename ?? value?.user?.id ?? 'nobody';
}

const unavailable = '503 UNAVAILABLE';
/** What the doors and the process of last resort log of failures that nobody foresaw. */
const defects = () =>
  app.logs
    .filter(({ message }) => /^(unexpected error|request failed|unhandled rejection|uncaught exception)$/.test(message))
    .map(({ message, fields }) => `${message} ${fields['error']}`);

describe('PostgreSQL restarted in the middle', () => {
  /** What was acknowledged, and every answer that was neither right nor a typed 503. */
  class Load {
    readonly sessions = new Map<string, { readonly userId: string; accessToken: string; refreshToken: string }>();
    readonly revoked = new Map<string, string>();
    readonly wrong: string[] = [];
    right = 0;
    refused = 0;

    judge(operation: string, answer: GraphqlAnswer, ...expected: readonly string[]): boolean {
      const outcome = outcomeOf(answer);
      if (outcome === unavailable) this.refused += 1;
      else if (expected.includes(outcome)) this.right += 1;
      else this.wrong.push(`${operation}: ${outcome}`);
      return expected[0] === outcome;
    }

    /** One person's round: in, look, refresh, out, and look again with what was revoked. */
    async round(person: Person, stranger: Person): Promise<void> {
      this.judge(
        'a wrong password',
        await login(stranger, 'not the password at all'),
        'InvalidCredentialsError',
        'RateLimitedError',
      );
      const signedIn = await login(person);
      if (!this.judge('login', signedIn, 'LoginSuccess', 'RateLimitedError')) return;
      const { tokens, viewer: me } = signedIn.data.login;
      const held = { userId: person.userId, ...tokens };
      this.sessions.set(me.session.id, held);
      this.judge('viewer', await viewer(held.accessToken), person.userId);
      const refreshed = await refresh(held.refreshToken);
      if (this.judge('refresh', refreshed, 'RefreshSessionSuccess')) Object.assign(held, refreshed.data.refreshSession.tokens);
      if (Math.random() < 0.5) return;
      const client = new TestClient(app, { accessToken: held.accessToken });
      const revoked = await client.send(documents.revokeSession, { input: { sessionId: me.session.id } });
      if (!this.judge('revoke', revoked, 'RevokeSessionSuccess')) {
        // Whether it was revoked can't be known, so nothing is expected of it.
        this.sessions.delete(me.session.id);
        return;
      }
      this.sessions.delete(me.session.id);
      this.revoked.set(me.session.id, held.accessToken);
      this.judge('viewer after revocation', await viewer(held.accessToken), '401 UNAUTHENTICATED', '401 ACCESS_TOKEN_INVALID');
    }
  }

  it('answers rightly or with a typed 503, accepts nobody wrongly, and keeps all that it acknowledged', async () => {
    const load = new Load();
    let phase: 'before' | 'down' | 'after' = 'before';
    let refusedWhenDown = 0;
    let rightWhenUp = 0;
    const strangers = people.slice(4);
    const worker = async (index: number) => {
      const person = people[index];
      const stranger = strangers[index];
      if (!person || !stranger) throw new Error('too few people');
      // Bounded, however things go.
      for (let round = 0; round < 400; round += 1) {
        if (phase === 'after' && load.right >= rightWhenUp + 60) return;
        await load.round(person, stranger);
      }
    };
    const workers = Promise.all([0, 1, 2, 3].map(worker));
    await expect.poll(() => load.right, patience).toBeGreaterThan(40);
    await postgres.stop();
    phase = 'down';
    refusedWhenDown = load.refused;
    await expect.poll(() => load.refused, patience).toBeGreaterThan(refusedWhenDown + 12);
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    app.clock.advance(1);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(503);
    postgres = await startPostgres();
    expect(postgres.url.reveal()).toBe(app.databaseUrl);
    rightWhenUp = load.right;
    phase = 'after';
    await workers;

    expect(load.wrong).toEqual([]);
    expect(load.right).toBeGreaterThanOrEqual(rightWhenUp + 60);
    expect(defects()).toEqual([]);

    // All that was acknowledged is there: sessions go on, revoked ones don't, and each has its event, once.
    for (const { userId, accessToken, refreshToken } of load.sessions.values()) {
      expect(outcomeOf(await viewer(accessToken))).toBe(userId);
      expect(outcomeOf(await refresh(refreshToken))).toBe('RefreshSessionSuccess');
    }
    for (const accessToken of load.revoked.values()) expect(outcomeOf(await viewer(accessToken))).toMatch(/^401 /);
    const rows = await openRows(app);
    try {
      const told = await rows.query<{ session: string; count: number }>(
        `select session_id as session, count(*)::int as count from
           (select session_id, type, id from event_log union select session_id, type, id from event_outbox) as appended
         where type = 'session.revoked' group by 1`,
      );
      const counts = new Map(told.map(({ session, count }) => [session, count]));
      for (const session of load.revoked.keys()) expect([session, counts.get(session)]).toEqual([session, 1]);
    } finally {
      await rows.close();
    }
  }, 90_000);

  it('runs the jobs of before and after: the worker outlives an outage in which a job fails', async () => {
    const pool = createPool({ url: postgres.url, max: 3, connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 }, silent);
    const sealer = createSealer(new Secret(Buffer.from(app.masterKey, 'base64url')), 'job-payload');
    const runs: string[] = [];
    let began: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      began = resolve;
    });
    let goOn: () => void = () => undefined;
    const down = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const worker = await startJobWorker({
      pool,
      sealer,
      handlers: {
        'test.fails': async () => {
          began();
          await down;
          throw new Error('the database is away');
        },
        'test.ends': async () => {
          await down;
        },
        'test.next': async (_payload, { jobId }) => void runs.push(jobId),
      },
      logger: silent,
    });
    const add = async (task: string) => {
      const rows = await openRows(app);
      const stored = { sealed: sealer.seal(Buffer.from('{}'), task).toString('base64'), correlationId: null };
      await rows.query('select from graphile_worker.add_job($1, payload := $2::json)', [task, JSON.stringify(stored)]);
      await rows.close();
    };
    try {
      await add('test.fails');
      await add('test.ends');
      await started;
      await postgres.stop();
      goOn();
      postgres = await startPostgres();
      await add('test.next');
      await expect.poll(() => runs.length, patience).toBe(1);
      const rows = await openRows(app);
      // The product's own jobs are in the same queue: what the outage made fail of them waits for its next attempt as well.
      const left = () =>
        rows.query(
          "select task_identifier as task, attempts, locked_at from graphile_worker.jobs where task_identifier like 'test.%' order by 1",
        );
      // One is to be tried again, the other has ended; neither is left locked by a worker that is no more.
      await expect.poll(left, patience).toEqual([{ task: 'test.fails', attempts: 1, locked_at: null }]);
      await rows.close();
    } finally {
      await worker.stop();
    }
  }, 60_000);
});

describe('PostgreSQL slow', () => {
  it('is told as a typed 503 within the statement timeout; what needs no database goes on, and afterwards all does', async () => {
    const [person] = people;
    if (!person) throw new Error('nobody');
    const { accessToken, refreshToken } = await signIn(app, person, { headers: anotherNetwork() });
    const blocker = await openRows(app);
    await blocker.query('begin');
    await blocker.query(
      'lock table sessions, refresh_tokens, sign_in_throttles, password_credentials, users in access exclusive mode',
    );
    try {
      const answers = await Promise.all([
        login(person),
        login(person, 'not the password at all'),
        login({ ...person, email: 'nobody@example.com' }),
        refresh(refreshToken),
        viewer(accessToken),
        clientOf().send(documents.register, { input: { email: 'new@example.com', password: goodPassword, displayName: 'New' } }),
        clientOf().send(documents.requestPasswordReset, { input: { email: person.email } }),
        new TestClient(app, { accessToken }).send(documents.logout),
      ]);
      expect(answers.map(outcomeOf)).toEqual(answers.map(() => unavailable));
      expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
      expect((await fetch(`${app.url}/.well-known/jwks.json`)).status).toBe(200);
    } finally {
      await blocker.query('rollback');
      await blocker.close();
    }
    expect(outcomeOf(await viewer(accessToken))).toBe(person.userId);
    expect(outcomeOf(await refresh(refreshToken))).toBe('RefreshSessionSuccess');
    expect(defects()).toEqual([]);
  });
});
