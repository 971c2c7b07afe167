import { createHash, randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#platform/observability/winston-logger.ts';
import { eventually } from '#tests/integration/start/embedded-process.ts';
import { TestClient } from '#tests/support/client.ts';
import { makeTestApp, type TestApp } from '#tests/support/make-test-app.ts';
import { openRows, type Rows } from '#tests/support/rows.ts';
import { documents, tokenOf } from '#tests/support/stories.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/test-database.ts';
import { watch } from '#tests/support/watch.ts';

/** Lives through everything that has a secret in it, with the logger of the product, and then reads the log. */

const random = () => randomBytes(12).toString('hex');

class Journey {
  readonly app: TestApp;
  readonly rows: Rows;
  readonly client: TestClient;
  readonly secrets = new Map<string, string>();
  readonly mailRead = new Set<string>();
  readonly #text: () => string;

  constructor(app: TestApp, rows: Rows, text: () => string) {
    this.app = app;
    this.rows = rows;
    this.client = new TestClient(app, { headers: { 'user-agent': this.keep('user agent', `Agent-${random()}`) } });
    this.#text = text;
  }

  /** What the log has by now. */
  get text(): string {
    return this.#text();
  }

  keep(what: string, secret: string): string {
    this.secrets.set(`${what} ${this.secrets.size}`, secret);
    return secret;
  }

  password = () => this.keep('password', `Pass phrase ${random()} für alle`);
  email = () => this.keep('address', `person-${random()}@mail.example.com`);
  name = () => this.keep('name', `Nomen-${random()}`);

  /** Keeps a token, and what is stored of it. */
  token(what: string, token: string): string {
    const hash = createHash('sha256').update(token).digest();
    this.bytes(`hash of ${what}`, hash);
    this.keep(`secret part of ${what}`, token.slice(-24));
    return this.keep(what, token);
  }

  bytes(what: string, bytes: Buffer): void {
    for (const form of ['hex', 'base64', 'base64url'] as const) this.keep(`${what} as ${form}`, bytes.toString(form));
  }

  async linkOf(email: string, subject: RegExp): Promise<string> {
    const mail = await this.app.mailbox.waitFor(email, subject);
    for (const link of mail.links) this.keep('mailed link', link);
    return this.token('one-time token', tokenOf(mail));
  }

  /** Every hash, key and sealed thing that the tables hold just now. */
  async keepStored(): Promise<void> {
    const columns = await this.rows.query<{ table_name: string; column_name: string; data_type: string }>(
      `select table_name, column_name, data_type from information_schema.columns
       where table_schema = 'public' and (data_type = 'bytea' and column_name not in ('canonical') or column_name like '%hash')`,
    );
    expect(columns.length).toBeGreaterThan(8);
    for (const { table_name: table, column_name: column } of columns) {
      for (const row of await this.rows.query<{ value: unknown }>(`select "${column}" as value from "${table}"`)) {
        if (Buffer.isBuffer(row.value)) this.bytes(`${table}.${column}`, row.value);
        else if (typeof row.value === 'string') this.keep(`${table}.${column}`, row.value.slice(-32));
      }
    }
  }

  /** Does `work` while the database is damaged by `damage`; the answer must be the masked error. */
  async whileBroken(damage: string, repair: string, work: () => Promise<{ errors: unknown; text: string }>): Promise<void> {
    await this.rows.query(damage);
    const answer = await work();
    await this.rows.query(repair);
    expect(answer.errors, answer.text).toMatchObject([{ extensions: { code: 'INTERNAL_ERROR' } }]);
  }
}

async function signUp(journey: Journey) {
  const { client } = journey;
  const input = { email: journey.email(), password: journey.password(), displayName: journey.name() };
  await client.send(documents.register, { input });
  const token = await journey.linkOf(input.email, /confirm/i);
  await journey.keepStored();
  const verified = await client.send(documents.verifyEmail, { input: { token, password: input.password } });
  expect(verified.data.verifyEmail.__typename).toBe('VerifyEmailSuccess');
  return input;
}

async function signInByTokens(journey: Journey, { email, password }: { email: string; password: string }) {
  const { data, text } = await journey.client.send(documents.login, { input: { email, password, delivery: 'TOKENS' } });
  expect(data.login.__typename, text).toBe('LoginSuccess');
  const { accessToken, refreshToken } = data.login.tokens;
  journey.keep('signature of an access token', accessToken.split('.')[2]);
  return { accessToken: journey.token('access token', accessToken), refreshToken: journey.token('refresh token', refreshToken) };
}

async function useEverything(journey: Journey): Promise<void> {
  const { app, client } = journey;
  const anonymous = (document: string, input: object) => client.send(document, { input });
  const link = (await app.node.firstAdminLink()) ?? '';
  journey.keep('first admin link', link);
  const claim = { token: journey.token('one-time token', link.split('#token=')[1] ?? ''), email: journey.email() };
  await anonymous(documents.claimFirstAdmin, { ...claim, password: journey.password(), displayName: journey.name() });

  const person = await signUp(journey);
  const { email } = person;
  await anonymous(documents.register, person);
  await anonymous(documents.login, { email, password: journey.password() });
  await anonymous(documents.login, { email: journey.email(), password: journey.password() });
  // Secrets where they don't belong.
  await anonymous(documents.verifyEmail, { token: person.password, password: email });
  await anonymous(documents.register, { email: person.password, password: email, displayName: '\0' });
  await client.send(`{ node(id: "${person.password}") { id } }`);
  await client.send(`mutation { login(input: { email: "${email}", password: "${person.password}", wrong: 1 }) { __typename } }`);
  await client.post(`{"query": "${person.password}`);
  await fetch(
    `${app.url}/verify-email?token=${journey.token('token in a query', `svt_${randomBytes(32).toString('base64url')}`)}`,
  );
  await fetch(`${app.url}/graphql?query=${encodeURIComponent(person.password)}`);

  const { accessToken, refreshToken } = await signInByTokens(journey, person);
  const refreshed = await anonymous(documents.refreshSession, { refreshToken });
  const { tokens } = refreshed.data.refreshSession;
  journey.token('access token', tokens.accessToken);
  journey.token('refresh token', tokens.refreshToken);
  await journey.keepStored();

  const holder = new TestClient(app, { accessToken });
  const live = watch(holder, { after: '0' });
  await eventually(async () => live.events.length > 0);
  const forged = `${accessToken.slice(0, -6)}AAAAAA`;
  const foreign = watch(new TestClient(app, { accessToken: journey.token('forged token', forged) }));
  await eventually(async () => foreign.closed.length === 1);
  await new TestClient(app, { accessToken: forged }).send(documents.viewer);
  await new TestClient(app, { accessToken: 'x', headers: { 'x-request-id': tokens.refreshToken } }).send(documents.viewer);

  const changed = { currentPassword: person.password, newPassword: journey.password() };
  expect((await holder.send(documents.changePassword, { input: changed })).data.changePassword.__typename).toBe(
    'ChangePasswordSuccess',
  );
  const inBrowser = new TestClient(app);
  await inBrowser.send(documents.login, { input: { email, password: changed.newPassword, delivery: 'COOKIE' } });
  journey.token('session token', inBrowser.cookie?.split('=')[1] ?? '');
  await journey.keepStored();
  await inBrowser.send(documents.viewer);
  await inBrowser.send(documents.logout);

  await anonymous(documents.requestPasswordReset, { email });
  const newPassword = journey.password();
  const token = await journey.linkOf(email, /reset|new password/i);
  const reset = await anonymous(documents.resetPassword, { token, newPassword });
  expect(reset.data.resetPassword.__typename).toBe('ResetPasswordSuccess');
  // The token of a session that has ended, used again after the grace.
  const second = await signInByTokens(journey, { email, password: newPassword });
  await anonymous(documents.refreshSession, { refreshToken: second.refreshToken });
  app.clock.advance(60);
  await anonymous(documents.refreshSession, { refreshToken: second.refreshToken });
  await live.stop();
  await breakTheDatabase(journey, { email, password: newPassword });
}

async function breakTheDatabase(journey: Journey, { email, password }: { email: string; password: string }): Promise<void> {
  const { client, rows } = journey;
  const register = () =>
    client.send(documents.register, {
      input: { email: journey.email(), password: journey.password(), displayName: journey.name() },
    });
  const login = () => client.send(documents.login, { input: { email, password, delivery: 'TOKENS' } });
  const rename = (from: string, to: string) => `alter table ${from} rename to ${to}`;
  const refuseRows = (table: string) => `alter table ${table} add constraint refused check (false) not valid`;
  const acceptRows = (table: string) => `alter table ${table} drop constraint refused`;

  await journey.whileBroken(rename('registrations', 'gone'), rename('gone', 'registrations'), register);
  await journey.whileBroken(refuseRows('registrations'), acceptRows('registrations'), register);
  await journey.whileBroken(refuseRows('event_outbox'), acceptRows('event_outbox'), register);
  await journey.whileBroken(rename('sessions', 'gone'), rename('gone', 'sessions'), login);
  await journey.whileBroken(refuseRows('sessions'), acceptRows('sessions'), login);
  await journey.whileBroken(refuseRows('refresh_tokens'), acceptRows('refresh_tokens'), login);
  await journey.whileBroken(rename('sign_in_throttles', 'gone'), rename('gone', 'sign_in_throttles'), login);
  const { accessToken } = await signInByTokens(journey, { email, password });
  const holder = new TestClient(journey.app, { accessToken });
  await journey.whileBroken(rename('sessions', 'gone'), rename('gone', 'sessions'), () => holder.send(documents.viewer));

  // A job that fails: the address of a new sign-up can't be looked up.
  await rows.query(rename('email_addresses', 'gone'));
  await register();
  await eventually(async () => journey.text.includes('job failed'));
  const [failed] = await eventually(async () => {
    const jobs = await rows.query<{ last_error: string }>(
      'select last_error from graphile_worker._private_jobs where last_error is not null',
    );
    return jobs.length > 0 && jobs;
  });
  expect(failed?.last_error).toBe('the job failed; the log has the cause');
  await rows.query(rename('gone', 'email_addresses'));
  await journey.keepStored();
}

describe.each(['json', 'pretty'] as const)('the log of everything, as %s', (format) => {
  let database: TestDatabase;
  let journey: Journey;
  let lines: string[];

  beforeAll(async () => {
    let text = '';
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        text += String(chunk);
        done();
      },
    });
    database = await createTestDatabase();
    const url = new URL(database.url);
    url.password ||= `Tr0ub4dor-${random()}`;
    const app = await makeTestApp({
      logger: createLogger({ level: 'debug', format, stream }),
      env: { DATABASE_URL: url.href },
    });
    journey = new Journey(app, await openRows(app), () => text);
    journey.keep('password of the database', url.password);
    journey.keep('master key', app.masterKey);
    journey.bytes('master key', Buffer.from(app.masterKey, 'base64url'));
    await useEverything(journey);
    await journey.rows.close();
    await app.close();
    await database.drop();
    lines = text.trimEnd().split('\n');
  }, 120_000);
  afterAll(() => database?.drop());

  it('is worth reading', () => {
    expect(lines.length).toBeGreaterThan(60);
    const topics = ['unexpected error', 'Failed query', 'registrations', 'refused', 'job failed'];
    expect(topics.filter((topic) => !lines.some((line) => line.includes(topic)))).toEqual([]);
    expect(journey.secrets.size).toBeGreaterThan(100);
  });

  it('holds no password, token, link, key, hash, address or name', () => {
    const seen = [...journey.secrets].filter(([, secret]) => secret.length > 4 && lines.some((line) => line.includes(secret)));
    expect(seen.map(([what]) => what)).toEqual([]);
    expect(lines.filter((line) => /\$argon2|#token=|__Host-sallyport=|Bearer [A-Za-z0-9]|eyJ[A-Za-z0-9]/.test(line))).toEqual([]);
    expect(lines.filter((line) => /[\w.]@[\w-]+\.[a-z]{2}/i.test(line))).toEqual([]);
  });

  it('holds none of them in another spelling', () => {
    const spellings = [encodeURIComponent, (text: string) => Buffer.from(text).toString('base64url').slice(0, -2)];
    const text = lines.join('\n');
    const seen = [...journey.secrets].filter(
      ([, secret]) => secret.length > 8 && spellings.some((spell) => text.includes(spell(secret))),
    );
    expect(seen.map(([what]) => what)).toEqual([]);
  });
});

describe('the log of a mail server that is away', () => {
  it('tells neither its password nor who was to get what', async () => {
    let text = '';
    const stream = new Writable({
      write: (chunk, _encoding, done) => {
        text += String(chunk);
        done();
      },
    });
    const app = await makeTestApp({
      logger: createLogger({ level: 'debug', format: 'json', stream }),
      env: { SMTP_URL: 'smtp://mailer:Tr0ub4dor@127.0.0.1:1/', MAIL_FROM: 'Sallyport <sender@mail.example.com>' },
    });
    try {
      const input = { email: 'receiver@mail.example.com', password: 'a phrase of seven words to try', displayName: 'Lovelace' };
      await new TestClient(app).send(documents.register, { input });
      await eventually(async () => text.includes('ECONNREFUSED'));
    } finally {
      await app.close();
    }
    expect(text).not.toMatch(/Tr0ub4dor|receiver|sender|#token|seven words|Lovelace/);
  });
});
